import { useQuery } from "@tanstack/react-query";
import { Info } from "lucide-react";
import type { ReactNode } from "react";
import type { Evaluation } from "@/api/gen";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { RelativeTime } from "@/features/links/relative-time";
import { byteSize, decidedBy, limitsOf, milliseconds, timingsOf } from "./format";
import { Difference, PageText } from "./page-text";
import { evaluationQuery } from "./queries";
import { Screenshot } from "./screenshot";

/** Everything a check found: the picture, the words that decided, what changed, the way there and how long it took. */
export function EvaluationDetails({
  evaluation,
  workspaceId,
}: {
  evaluation: Evaluation;
  workspaceId: string;
}) {
  const detail = useQuery(evaluationQuery(workspaceId, evaluation.id));
  const lastGoodId = detail.data?.lastGoodEvaluationId;
  const hasText = evaluation.artifacts.some(({ kind }) => kind === "text");
  const failure = evaluation.navError ?? evaluation.guardDenied;
  return (
    <div className="grid gap-6 border-t p-4 lg:grid-cols-2">
      <div className="grid min-w-0 content-start gap-5">
        <Screenshot evaluation={evaluation} workspaceId={workspaceId} marked />
        {limitsOf(evaluation).map((limit) => (
          <Alert key={limit}>
            <Info aria-hidden="true" />
            <AlertDescription>{limit}</AlertDescription>
          </Alert>
        ))}
        <Part title="Verdict">
          <p className="text-sm">
            {evaluation.reasonText} <span className="text-muted-foreground">{decidedBy(evaluation)}.</span>
          </p>
          {evaluation.judged && (
            <p className="text-muted-foreground text-sm">
              Before: {evaluation.judged.reasonText} Somebody said that this was wrong
              {evaluation.overriddenAt && (
                <>
                  {" "}
                  <RelativeTime iso={evaluation.overriddenAt} />
                </>
              )}
              .
            </p>
          )}
          {evaluation.evidence.length > 0 && (
            <ul className="grid gap-1.5">
              {evaluation.evidence.map(({ text, zone }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: evidence has no id, and never changes
                <li key={index} className="border-signal border-l-2 pl-3 text-sm">
                  “{text}”
                  {zone && <span className="text-muted-foreground text-xs"> in {zoneName(zone)}</span>}
                </li>
              ))}
            </ul>
          )}
          {failure && <p className="break-words font-mono text-muted-foreground text-xs">{failure}</p>}
        </Part>
        <Way evaluation={evaluation} />
        <Timings evaluation={evaluation} />
      </div>
      <div className="grid min-w-0 content-start gap-5">
        <Part title="The page’s text">
          {hasText ? (
            <PageText workspaceId={workspaceId} evaluationId={evaluation.id} evidence={evaluation.evidence} />
          ) : (
            <p className="text-muted-foreground text-sm">
              None was kept: the page could not be read, or this was long ago.
            </p>
          )}
        </Part>
        {hasText && lastGoodId && (
          <Part title="Since it was last found well">
            <Difference workspaceId={workspaceId} evaluationId={evaluation.id} lastGoodId={lastGoodId} />
          </Part>
        )}
        <Part title="The check">
          <dl className="grid grid-cols-[minmax(0,8rem)_minmax(0,1fr)] gap-x-3 gap-y-1 text-sm">
            <Fact name="Page title">{evaluation.title}</Fact>
            <Fact name="Language">{evaluation.lang}</Fact>
            <Fact name="Received">
              {byteSize(evaluation.bytes)} in {evaluation.requests}{" "}
              {evaluation.requests === 1 ? "request" : "requests"}
            </Fact>
            <Fact name="Browser">{evaluation.browserVersion ?? "None"}</Fact>
            <Fact name="Rules">{evaluation.rulesVersion}</Fact>
            <Fact name="Language model">
              {evaluation.ai
                ? `${evaluation.ai.model}${evaluation.ai.cached ? ", answered before" : ""}`
                : "Not asked"}
            </Fact>
          </dl>
        </Part>
      </div>
    </div>
  );
}

const zoneNames: Readonly<Record<string, string>> = {
  main: "the page itself",
  nav: "its head",
  footer: "its foot",
  related: "other offers",
  review: "reviews",
  overlay: "what lies over the page",
};

const zoneName = (zone: string) => zoneNames[zone] ?? zone;

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-2">
      <h4 className="font-medium text-sm">{title}</h4>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === "") return null;
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

/** The redirects, and where they ended. */
function Way({ evaluation: { redirects, finalUrl, url, httpStatus } }: { evaluation: Evaluation }) {
  const steps = [...redirects, { url: finalUrl ?? url, status: httpStatus }];
  return (
    <Part title={redirects.length === 0 ? "No redirects" : "Redirects"}>
      <ol className="grid gap-1 text-sm">
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a loop has the same step twice
          <li key={index} className="grid grid-cols-[3rem_minmax(0,1fr)] gap-2">
            <span className="font-mono text-muted-foreground text-xs leading-5">
              {step.status ?? (index < steps.length - 1 ? "page" : "–")}
            </span>
            <span className="break-all">{step.url}</span>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Timings({ evaluation: { timings, durationMs } }: { evaluation: Evaluation }) {
  const rows = timingsOf(timings);
  const longest = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <Part title={`Took ${milliseconds(durationMs)}`}>
      <dl className="grid grid-cols-[9rem_minmax(0,1fr)_4rem] items-center gap-x-3 gap-y-1 text-sm">
        {rows.map(({ name, value }) => (
          <div key={name} className="contents">
            <dt className="text-muted-foreground">{name}</dt>
            <dd
              aria-hidden="true"
              className="h-1.5 rounded-full bg-primary"
              style={{ width: `${(value / longest) * 100}%` }}
            />
            <dd className="text-right tabular-nums">{milliseconds(value)}</dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}
