import { useQuery } from "@tanstack/react-query";
import { CircleStop, Pause, Play, RotateCcw } from "lucide-react";
import { useState } from "react";
import type { WorkflowDetail } from "@/api/gen";
import { pauseWorkflow, restartWorkflow, resumeWorkflow, terminateWorkflow } from "@/api/gen";
import { Confirm, type Question } from "@/components/app/confirm";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useLastValue } from "@/hooks/use-last-value";
import { formatMoment } from "@/lib/dates";
import { DetailSheet } from "./detail-sheet";
import { formatDuration, formatNumber } from "./format";
import { Moment, useNow } from "./moment";
import { Fact, Facts, Panel } from "./panel";
import { runQuery } from "./queries";
import { RunStateBadge } from "./states";
import { StepTimeline } from "./step-timeline";
import { StoredValueView } from "./stored-value";
import { useAction } from "./use-action";

/** One run of a workflow: where its time went, and the buttons to stop it, let it go on or begin it again. */
export function RunSheet({ id, onClose }: { id: string | null; onClose: () => void }) {
  const shown = useLastValue(id) ?? "";
  const run = useQuery({ ...runQuery(shown), enabled: id !== null });
  const [question, setQuestion] = useState<Question | null>(null);
  const path = { id: shown };
  const pause = useAction(
    () => pauseWorkflow({ path, throwOnError: true }),
    () => "The run is paused",
  );
  const resume = useAction(
    () => resumeWorkflow({ path, throwOnError: true }),
    () => "The run goes on",
  );
  const terminate = useAction(
    () => terminateWorkflow({ path, throwOnError: true }),
    () => "The run was ended",
  );
  const restart = useAction(
    (step: string | undefined) =>
      restartWorkflow({ path, body: step ? { fromStep: step } : {}, throwOnError: true }),
    () => "The run begins again",
  );
  const isBusy = pause.isPending || resume.isPending || terminate.isPending || restart.isPending;

  function askToRestart(step: string | undefined) {
    setQuestion({
      title: step ? `Restart from “${step}”?` : "Restart from the beginning?",
      description: step
        ? "What this step and those after it came to is forgotten, and they are done again. What was before stands."
        : "What all its steps came to is forgotten, and they are done again.",
      action: "Restart",
      act: () => restart.mutateAsync(step),
    });
  }

  const state = run.data?.state;
  const hasEnded = state === "succeeded" || state === "failed" || state === "terminated";
  return (
    <DetailSheet
      isOpen={id !== null}
      onClose={onClose}
      title={shown}
      description={run.data ? `A run of “${run.data.kind}”` : "A run of a workflow"}
      footer={
        state && (
          <>
            {!hasEnded && (
              <Button
                variant="outline"
                onClick={() =>
                  setQuestion({
                    title: "End this run?",
                    description:
                      "A step that runs is cut off where it waits, and its result does not count. The run can be restarted later.",
                    action: "End the run",
                    isDestructive: true,
                    act: () => terminate.mutateAsync(),
                  })
                }
              >
                <CircleStop aria-hidden="true" /> Terminate
              </Button>
            )}
            <Button variant="outline" onClick={() => askToRestart(undefined)}>
              <RotateCcw aria-hidden="true" /> Restart
            </Button>
            {state === "running" && (
              <Button
                aria-disabled={isBusy || undefined}
                onClick={() => {
                  if (!isBusy) pause.mutate();
                }}
              >
                <Pause aria-hidden="true" /> Pause
              </Button>
            )}
            {(state === "paused" || state === "parked") && (
              <Button
                aria-disabled={isBusy || undefined}
                onClick={() => {
                  if (!isBusy) resume.mutate();
                }}
              >
                <Play aria-hidden="true" /> Resume
              </Button>
            )}
          </>
        )
      }
    >
      <Panel of={run} loading="the run">
        {(data) => <RunBody run={data} onRestartFrom={askToRestart} />}
      </Panel>
      <Confirm question={question} isBusy={isBusy} onClose={() => setQuestion(null)} />
    </DetailSheet>
  );
}

function RunBody({ run, onRestartFrom }: { run: WorkflowDetail; onRestartFrom: (step: string) => void }) {
  const now = useNow(1_000);
  const ended = run.finishedAt ? Date.parse(run.finishedAt) : now;
  return (
    <>
      {run.error && (
        <Alert variant={run.state === "parked" ? "warning" : "destructive"}>
          <AlertTitle>
            {run.state === "parked" ? "It cannot go on until something is done" : "It failed"}
          </AlertTitle>
          <AlertDescription className="break-words">{run.error}</AlertDescription>
        </Alert>
      )}
      <Facts>
        <Fact name="State">
          <RunStateBadge state={run.state} />
        </Fact>
        <Fact name="Started">{formatMoment(run.createdAt)}</Fact>
        <Fact name={run.finishedAt ? "Took" : "So far"}>
          {formatDuration(ended - Date.parse(run.createdAt))}
        </Fact>
        <Fact name="Taken up">{formatNumber(run.executions, "time")}</Fact>
        {run.node && <Fact name="On node">{run.node}</Fact>}
        {run.dueAt && (
          <Fact name="Goes on">
            <Moment iso={run.dueAt} />
          </Fact>
        )}
      </Facts>
      <section aria-label="Timeline" className="grid gap-2">
        <h3 className="font-medium text-sm">Where its time went</h3>
        {run.steps.length > 0 ? (
          <StepTimeline run={run} now={now} onRestartFrom={onRestartFrom} />
        ) : (
          <p className="text-muted-foreground text-sm">No step has been completed or put off yet.</p>
        )}
      </section>
      <StoredValueView name={`Input, version ${run.inputVersion}`} value={run.input} />
      {run.output && <StoredValueView name="Output" value={run.output} />}
    </>
  );
}
