import type { Evaluation, StartedCheck } from "@/api/gen";

/** Of the checks that were asked for, those whose result is not there yet. */
export function waitingFor(
  started: readonly StartedCheck[],
  evaluations: readonly Pick<Evaluation, "destinationId" | "finishedAt">[],
): StartedCheck[] {
  return started.filter(({ destinationId, since }) => {
    if (since === null) return false;
    const begun = Date.parse(since);
    return !evaluations.some(
      (done) => done.destinationId === destinationId && Date.parse(done.finishedAt) >= begun,
    );
  });
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : url);

/** What goes on, or what came of asking, in a sentence. */
export function progressText(started: readonly StartedCheck[], waiting: readonly StartedCheck[]): string {
  const spent = started.filter(({ outcome }) => outcome === "budgetSpent").length;
  const refused =
    spent > 0 ? ` ${spent === 1 ? "One was" : `${spent} were`} left out: today’s checks are spent.` : "";
  const asked = started.length - spent;
  if (asked === 0) return refused.trim();
  const [first] = waiting;
  if (!first) return `${asked === 1 ? "The check is" : `All ${asked} checks are`} done.${refused}`;
  const what = waiting.length === 1 ? hostOf(first.url) : `${waiting.length} of ${asked} destinations`;
  return `Checking ${what}…${refused}`;
}
