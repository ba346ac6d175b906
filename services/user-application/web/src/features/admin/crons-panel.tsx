import { useQuery } from "@tanstack/react-query";
import { CalendarClock, History, Pause, Play, SkipForward } from "lucide-react";
import type { Cron } from "@/api/gen";
import { pauseCron, resumeCron, runCron } from "@/api/gen";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { useLastValue } from "@/hooks/use-last-value";
import { formatMoment } from "@/lib/dates";
import { DetailSheet } from "./detail-sheet";
import { Moment } from "./moment";
import { Figure, Figures, Nothing, Panel } from "./panel";
import { cronRunsQuery, cronsQuery } from "./queries";
import type { AdminSearch, ChangeSearch } from "./search";
import { OutcomeBadge } from "./states";
import { useAction } from "./use-action";

export function CronsPanel({
  search,
  onSearchChange,
}: {
  search: AdminSearch;
  onSearchChange: ChangeSearch;
}) {
  const crons = useQuery(cronsQuery());
  return (
    <>
      <Panel of={crons} loading="the schedules">
        {(all) =>
          all.length === 0 ? (
            <Nothing icon={<CalendarClock />} title="No schedules">
              Nothing on this instance begins at times of the calendar.
            </Nothing>
          ) : (
            <ul className="grid gap-3">
              {all.map((cron) => (
                <li key={cron.name}>
                  <CronCard cron={cron} onShowHistory={() => onSearchChange({ cron: cron.name })} />
                </li>
              ))}
            </ul>
          )
        }
      </Panel>
      <HistorySheet name={search.cron ?? null} onClose={() => onSearchChange({ cron: undefined })} />
    </>
  );
}

function CronCard({ cron, onShowHistory }: { cron: Cron; onShowHistory: () => void }) {
  const path = { name: cron.name };
  const pause = useAction(
    () => pauseCron({ path, throwOnError: true }),
    () => `“${cron.name}” is paused`,
  );
  const resume = useAction(
    () => resumeCron({ path, throwOnError: true }),
    () => `“${cron.name}” goes on`,
  );
  const run = useAction(
    () => runCron({ path, throwOnError: true }),
    () => `“${cron.name}” has begun`,
  );
  const isBusy = pause.isPending || resume.isPending || run.isPending;
  return (
    <Card className="gap-4">
      <CardHeader>
        <CardTitle className="flex flex-wrap items-center gap-2">
          {cron.name}
          {cron.isPaused && <Badge variant="warning">Paused</Badge>}
          {!cron.isKnown && <Badge variant="warning">Not known to this node</Badge>}
        </CardTitle>
        <CardDescription>
          <code className="font-mono text-xs">{cron.schedule}</code> in {cron.timeZone}
        </CardDescription>
      </CardHeader>
      <Figures>
        <Figure name="Next run">
          {cron.isPaused || !cron.isKnown ? "None" : <Moment iso={cron.nextAt} />}
        </Figure>
        <Figure name="Last run">{cron.lastRun ? <Moment iso={cron.lastRun.startedAt} /> : "None yet"}</Figure>
        {cron.lastRun && (
          <Figure name="What became of it">
            <OutcomeBadge outcome={cron.lastRun.outcome} />
          </Figure>
        )}
      </Figures>
      <CardContent className="flex flex-wrap gap-2">
        <Button
          variant="outline"
          size="sm"
          aria-disabled={isBusy || undefined}
          aria-label={`${cron.isPaused ? "Resume" : "Pause"} ${cron.name}`}
          onClick={() => {
            if (!isBusy) (cron.isPaused ? resume : pause).mutate();
          }}
        >
          {cron.isPaused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
          {cron.isPaused ? "Resume" : "Pause"}
        </Button>
        {cron.isKnown && (
          <Button
            variant="outline"
            size="sm"
            aria-disabled={isBusy || undefined}
            aria-label={`Run now: ${cron.name}`}
            onClick={() => {
              if (!isBusy) run.mutate();
            }}
          >
            <SkipForward aria-hidden="true" /> Run now
          </Button>
        )}
        <Button variant="ghost" size="sm" aria-label={`History of ${cron.name}`} onClick={onShowHistory}>
          <History aria-hidden="true" /> History
        </Button>
      </CardContent>
    </Card>
  );
}

function HistorySheet({ name, onClose }: { name: string | null; onClose: () => void }) {
  const shown = useLastValue(name) ?? "";
  const runs = useQuery({ ...cronRunsQuery(shown), enabled: name !== null });
  return (
    <DetailSheet
      isOpen={name !== null}
      onClose={onClose}
      title={shown}
      description="Its last runs, the latest first"
    >
      <Panel of={runs} loading="the runs">
        {(all) =>
          all.length === 0 ? (
            <Nothing icon={<History />} title="No runs yet">
              It has not run since it was set up.
            </Nothing>
          ) : (
            <ol className="divide-y border-y">
              {all.map((run) => (
                <li
                  key={`${run.dueAt} ${run.startedAt}`}
                  className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5 text-sm"
                >
                  <span className="mr-auto tabular-nums">{formatMoment(run.startedAt)}</span>
                  <OutcomeBadge outcome={run.outcome} />
                </li>
              ))}
            </ol>
          )
        }
      </Panel>
    </DetailSheet>
  );
}
