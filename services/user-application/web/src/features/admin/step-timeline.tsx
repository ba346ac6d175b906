import { RotateCcw } from "lucide-react";
import type { WorkflowDetail, WorkflowStep, WorkflowStepState } from "@/api/gen";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/utils";
import { formatDuration, formatNumber } from "./format";
import { Moment } from "./moment";
import { StepStateBadge } from "./states";
import { StoredValueView } from "./stored-value";
import { layOut } from "./timeline";

const ticks = [0, 0.25, 0.5, 0.75, 1];

/** Times of waiting are striped: nothing is done in them. */
const striped =
  "bg-[repeating-linear-gradient(135deg,var(--chart-1)_0_3px,color-mix(in_oklch,var(--chart-1)_35%,transparent)_3px_7px)]";

const bars: Record<WorkflowStepState, string> = {
  succeeded: "bg-chart-1",
  failed: "bg-destructive",
  timed_out: "bg-warning",
  retrying: striped,
  sleeping: striped,
  waiting: striped,
};

/** The steps of a run, each with a bar where it lies in time. The bars repeat what stands above them in words. */
export function StepTimeline({
  run,
  now,
  onRestartFrom,
}: {
  run: WorkflowDetail;
  now: number;
  onRestartFrom: (step: string) => void;
}) {
  const { length, rows } = layOut(run, now);
  return (
    <div className="grid gap-1">
      <div aria-hidden="true" className="relative h-4 text-[0.6875rem] text-muted-foreground tabular-nums">
        {ticks.map((tick) => (
          <span
            key={tick}
            style={{ left: `${tick * 100}%` }}
            className={cn(
              "absolute whitespace-nowrap",
              tick === 1 ? "-translate-x-full" : tick > 0 && "-translate-x-1/2",
              (tick === 0.25 || tick === 0.75) && "max-sm:hidden",
            )}
          >
            {tick === 0 ? "0" : formatDuration(length * tick)}
          </span>
        ))}
      </div>
      <ol aria-label="Steps" className="grid divide-y border-y">
        {rows.map(({ step, span, startedAfter, took, isOpen }) => (
          <li key={step.name} className="grid gap-2 py-3">
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <span className="break-all font-medium text-sm">{step.name}</span>
              <StepStateBadge state={step.state} />
              <Button
                variant="ghost"
                size="sm"
                className="ml-auto h-7"
                aria-label={`Restart from here: ${step.name}`}
                onClick={() => onRestartFrom(step.name)}
              >
                <RotateCcw aria-hidden="true" /> Restart from here
              </Button>
            </div>
            <div aria-hidden="true" className="relative h-3 rounded-sm bg-foreground/8">
              {/* A step of no length is still somewhere. */}
              <span
                data-testid="bar"
                style={{
                  left: `min(${span.from * 100}%, 100% - 3px)`,
                  width: `${(span.to - span.from) * 100}%`,
                }}
                className={cn("absolute inset-y-0 min-w-[3px] rounded-sm", bars[step.state])}
              />
            </div>
            <p className="text-muted-foreground text-xs tabular-nums">
              Began after {formatDuration(startedAfter)},{" "}
              {isOpen ? `${formatDuration(took)} ago` : `took ${formatDuration(took)}`}
              {step.attempts > 0 && `, ${formatNumber(step.attempts, "attempt")}`}
              <GoesOn step={step} />
            </p>
            {step.error && <p className="break-words text-destructive text-xs">{step.error}</p>}
            {step.output && (
              <details className="text-sm">
                <summary className="focus-ring w-fit cursor-pointer rounded-sm text-muted-foreground text-xs hover:text-foreground">
                  What came of it
                </summary>
                <div className="pt-2">
                  <StoredValueView name={`Output of ${step.name}`} value={step.output} />
                </div>
              </details>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

const continuations: Partial<Record<WorkflowStepState, string>> = {
  retrying: ", next attempt",
  sleeping: ", wakes up",
  waiting: ", waits for its event until it times out",
};

function GoesOn({ step }: { step: WorkflowStep }) {
  const what = continuations[step.state];
  if (!what || !step.dueAt) return null;
  return (
    <>
      {what} <Moment iso={step.dueAt} />
    </>
  );
}
