import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Workflow as WorkflowIcon } from "lucide-react";
import type { Workflow, WorkflowKind } from "@/api/gen";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader, CardTitle } from "@/components/ui/card";
import { formatCount } from "@/features/analytics/format";
import { Choice } from "./choice";
import { formatDuration } from "./format";
import { Moment } from "./moment";
import { Figure, Figures, Nothing, Panel, ShowMore } from "./panel";
import { kindsQuery, runsQuery } from "./queries";
import { RunSheet } from "./run-sheet";
import { type AdminSearch, type ChangeSearch, workflowStates } from "./search";
import { RunStateBadge, runStates } from "./states";

export function WorkflowsPanel({
  search,
  onSearchChange,
}: {
  search: AdminSearch;
  onSearchChange: ChangeSearch;
}) {
  const { kind, state } = search;
  const kinds = useQuery(kindsQuery());
  const runs = useInfiniteQuery(runsQuery(kind, state));
  const names = kinds.data?.map((known) => known.kind) ?? [];
  // The runs of a kind may all have ended, and the node may not know it any more.
  const offered = kind && !names.includes(kind) ? [...names, kind] : names;
  return (
    <>
      <Panel of={kinds} loading="the workflows">
        {(all) => (
          <ul className="grid gap-3 empty:hidden">
            {all.map((status) => (
              <li key={status.kind}>
                <KindCard status={status} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
        <Choice
          label="Workflow"
          any="All"
          value={kind}
          options={offered.map((name) => ({ value: name, label: name }))}
          onChange={(next) => onSearchChange({ kind: next })}
        />
        <Choice
          label="State"
          any="Any"
          value={state}
          options={workflowStates.map((value) => ({ value, label: runStates[value].label }))}
          onChange={(next) => onSearchChange({ state: next })}
        />
      </div>
      <Panel of={{ ...runs, data: runs.data?.pages.flat() }} loading="the runs">
        {(all) =>
          all.length === 0 ? (
            <Nothing icon={<WorkflowIcon />} title={kind || state ? "No such runs" : "No runs yet"}>
              {kind || state
                ? "No run is of this kind and in this state."
                : "Runs of workflows appear here, and stay for a month after their end."}
            </Nothing>
          ) : (
            <>
              <Card className="gap-0 py-0">
                <ul className="divide-y">
                  {all.map((run) => (
                    <RunRow key={run.id} run={run} onOpen={() => onSearchChange({ run: run.id })} />
                  ))}
                </ul>
              </Card>
              <ShowMore of={runs} />
            </>
          )
        }
      </Panel>
      <RunSheet id={search.run ?? null} onClose={() => onSearchChange({ run: undefined })} />
    </>
  );
}

function KindCard({ status }: { status: WorkflowKind }) {
  return (
    <Card className="gap-4">
      <CardHeader>
        <CardTitle className="flex flex-wrap items-center gap-2">
          {status.kind}
          {!status.isKnown && <Badge variant="warning">Not known to this node</Badge>}
        </CardTitle>
      </CardHeader>
      <Figures>
        <Figure name="Running">{formatCount(status.inFlight)}</Figure>
        <Figure name="Waiting for a node">{formatCount(status.due)}</Figure>
        <Figure name="Oldest due">{status.oldestDueAt ? <Moment iso={status.oldestDueAt} /> : "–"}</Figure>
        <Figure name="Asleep">{formatCount(status.asleep)}</Figure>
        <Figure name="Paused">{formatCount(status.paused)}</Figure>
        <Figure name="Parked">{formatCount(status.parked)}</Figure>
      </Figures>
    </Card>
  );
}

function RunRow({ run, onOpen }: { run: Workflow; onOpen: () => void }) {
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-5 py-3.5 transition-colors hover:bg-muted/60">
      <button
        type="button"
        className="focus-ring truncate rounded-sm text-left font-medium text-sm after:absolute after:inset-0"
        onClick={onOpen}
      >
        {run.id}
      </button>
      <RunStateBadge state={run.state} />
      <p className="col-span-2 flex flex-wrap gap-x-3 text-muted-foreground text-xs">
        <span>{run.kind}</span>
        <span>
          Started <Moment iso={run.createdAt} />
        </span>
        {run.finishedAt && (
          <span>took {formatDuration(Date.parse(run.finishedAt) - Date.parse(run.createdAt))}</span>
        )}
        {run.dueAt && (
          <span>
            goes on <Moment iso={run.dueAt} />
          </span>
        )}
      </p>
      {run.error && <p className="col-span-2 line-clamp-1 text-destructive text-xs">{run.error}</p>}
    </li>
  );
}
