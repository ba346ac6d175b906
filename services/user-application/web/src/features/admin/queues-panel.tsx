import { useQuery } from "@tanstack/react-query";
import { Inbox, Pause, Play } from "lucide-react";
import type { Queue } from "@/api/gen";
import { pauseQueue, resumeQueue } from "@/api/gen";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardAction, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { formatCount } from "@/features/analytics/format";
import { formatBytes } from "./format";
import { Moment } from "./moment";
import { Figure, Figures, Nothing, Panel } from "./panel";
import { queuesQuery } from "./queries";
import type { ChangeSearch } from "./search";
import { useAction } from "./use-action";

export function QueuesPanel({ onSearchChange }: { onSearchChange: ChangeSearch }) {
  const queues = useQuery(queuesQuery());
  const pause = useAction(
    (name: string) => pauseQueue({ path: { name }, throwOnError: true }),
    (queue) => `“${queue.name}” is paused`,
  );
  const resume = useAction(
    (name: string) => resumeQueue({ path: { name }, throwOnError: true }),
    (queue) => `“${queue.name}” goes on`,
  );
  const isBusy = pause.isPending || resume.isPending;

  return (
    <Panel of={queues} loading="the queues">
      {(all) =>
        all.length === 0 ? (
          <Nothing icon={<Inbox />} title="No queues">
            This instance has nothing that works through queues.
          </Nothing>
        ) : (
          <ul className="grid gap-3">
            {all.map((queue) => (
              <li key={queue.name}>
                <QueueCard
                  queue={queue}
                  isBusy={isBusy}
                  onPause={() => pause.mutate(queue.name)}
                  onResume={() => resume.mutate(queue.name)}
                  onShowDead={() => onSearchChange({ tab: "dead-letters", queue: queue.name })}
                />
              </li>
            ))}
          </ul>
        )
      }
    </Panel>
  );
}

function QueueCard({
  queue,
  isBusy,
  onPause,
  onResume,
  onShowDead,
}: {
  queue: Queue;
  isBusy: boolean;
  onPause: () => void;
  onResume: () => void;
  onShowDead: () => void;
}) {
  return (
    <Card className="gap-4">
      <CardHeader>
        <CardTitle className="flex flex-wrap items-center gap-2">
          {queue.name} {queue.isPaused && <Badge variant="warning">Paused</Badge>}
        </CardTitle>
        <CardDescription>
          {queue.kind === "log" ? "Captured clicks, counted in batches" : "Jobs, each done once"}
        </CardDescription>
        {queue.kind === "jobs" && (
          <CardAction>
            <Button
              variant="outline"
              size="sm"
              aria-disabled={isBusy || undefined}
              aria-label={`${queue.isPaused ? "Resume" : "Pause"} ${queue.name}`}
              onClick={() => {
                if (!isBusy) (queue.isPaused ? onResume : onPause)();
              }}
            >
              {queue.isPaused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
              {queue.isPaused ? "Resume" : "Pause"}
            </Button>
          </CardAction>
        )}
      </CardHeader>
      <Figures>
        <Figure name="Waiting">
          {queue.ready === null ? waitingBytes(queue.waitingBytes) : formatCount(queue.ready)}
        </Figure>
        <Figure name="Oldest due">{queue.oldestDueAt ? <Moment iso={queue.oldestDueAt} /> : "–"}</Figure>
        <Figure name="In flight">{formatCount(queue.inFlight)}</Figure>
        <Figure name="Due later">{formatCount(queue.delayed)}</Figure>
        <Figure name="Done per minute">{formatCount(queue.finishedPerMinute)}</Figure>
        <Figure name="Dead letters">
          {queue.dead === 0 ? (
            "0"
          ) : (
            <button
              type="button"
              className="focus-ring rounded-sm text-destructive underline underline-offset-3"
              aria-label={`Show the dead letters of ${queue.name}: ${queue.dead}`}
              onClick={onShowDead}
            >
              {formatCount(queue.dead)}
            </button>
          )}
        </Figure>
      </Figures>
    </Card>
  );
}

function waitingBytes(bytes: number | null): string {
  if (bytes === null) return "Not known here";
  return bytes === 0 ? "0" : formatBytes(bytes);
}
