import type { Evaluation } from "@/api/gen";

export const verdictNames: Readonly<Record<Evaluation["verdict"], string>> = {
  AVAILABLE: "Available",
  NOT_AVAILABLE: "Not available",
  UNKNOWN: "Could not tell",
  BROKEN: "Broken",
};

export const triggerNames: Readonly<Record<Evaluation["trigger"], string>> = {
  click: "after a click",
  schedule: "on schedule",
  confirmation: "to confirm the check before",
  manual: "because somebody asked",
};

/** "340 ms", "2.1 s" */
export function milliseconds(value: number): string {
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** "812 B", "44.1 KB", "2 MB" */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000
    ? `${decimal.format(bytes / 1_000)} KB`
    : `${decimal.format(bytes / 1_000_000)} MB`;
}

const who: Readonly<Record<Evaluation["decidedBy"], string>> = {
  rules: "the rules",
  ai: "the language model",
  override: "a person",
};

/** "Decided by the rules, 92% sure" */
export function decidedBy({
  decidedBy: by,
  confidence,
}: Pick<Evaluation, "decidedBy" | "confidence">): string {
  return by === "override"
    ? "Decided by a person"
    : `Decided by ${who[by]}, ${Math.round(confidence * 100)}% sure`;
}

/** What the check could not use, said plainly: it explains verdicts that a person would not come to. */
export function limitsOf({
  browserVersion,
  ai,
  decidedBy: by,
  verdict,
}: Pick<Evaluation, "browserVersion" | "ai" | "decidedBy" | "verdict">): string[] {
  const limits: string[] = [];
  if (!browserVersion)
    limits.push(
      "There was no browser: the page was fetched and read without running its scripts, and there is no screenshot.",
    );
  if (ai?.error)
    limits.push(`The language model gave no answer that counts (${ai.error}), so the rules stand.`);
  else if (!ai && verdict === "UNKNOWN" && by === "rules")
    limits.push(
      "No language model was asked: the rules alone could not tell. An endpoint for one can be configured.",
    );
  return limits;
}

const timingNames: Readonly<Record<keyof Evaluation["timings"], string>> = {
  firstByteMs: "First byte",
  contentLoadedMs: "Page read",
  settledMs: "Text at rest",
  totalMs: "All done",
};

/** When what happened, from the start of the check; what it did not come to is left out. */
export function timingsOf(timings: Evaluation["timings"]): { name: string; value: number }[] {
  return Object.entries(timingNames).flatMap(([key, name]) => {
    const value = timings[key as keyof Evaluation["timings"]];
    return typeof value === "number" ? [{ name, value }] : [];
  });
}
