import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { LoaderCircle, RefreshCw, Stethoscope } from "lucide-react";
import { useEffect, useState } from "react";
import { ErrorState } from "@/components/app/error-state";
import { Button } from "@/components/ui/button";
import { Empty, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { Skeleton } from "@/components/ui/skeleton";
import { LiveNotice } from "@/features/analytics/live-notice";
import type { ShortLink } from "@/features/links/link";
import { linkQuery } from "@/features/links/queries";
import { EvaluationItem } from "./evaluation-item";
import { evaluationsQuery } from "./queries";
import { StatusNotices } from "./status-notices";
import { useCheckNow } from "./use-check-now";
import { progressText } from "./waiting";

/** The checks of a link's destinations, the newest first, and a button for one now. */
export function HealthTab({
  link,
  workspaceId,
  canWrite,
  open,
  onOpenChange,
}: {
  link: ShortLink;
  workspaceId: string;
  canWrite: boolean;
  /** The check that is open, by its id; none said is the newest, "none" none. */
  open: string | undefined;
  onOpenChange: (id: string | undefined) => void;
}) {
  const subject = { linkId: link.id };
  const check = useCheckNow(workspaceId, subject);
  const [isWaiting, setIsWaiting] = useState(false);
  const list = useInfiniteQuery(evaluationsQuery(workspaceId, subject, isWaiting));
  const evaluations = list.data?.pages.flat() ?? [];
  const waiting = check.waiting(evaluations);
  const awaited = waiting.length > 0;
  const client = useQueryClient();

  // What a check found may have changed where the link leads.
  useEffect(() => {
    setIsWaiting(awaited);
    if (!awaited) void client.invalidateQueries({ queryKey: linkQuery(workspaceId, link.id).queryKey });
  }, [awaited, client, workspaceId, link.id]);

  const destinations = new Set(evaluations.map(({ destinationId }) => destinationId));
  const openId = open ?? evaluations[0]?.id;
  return (
    <div className="grid min-w-0 gap-4">
      <h2 className="sr-only">Health</h2>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="min-w-0 text-muted-foreground text-sm">
          {check.overdue
            ? "This takes longer than usual. The result appears here when it is there."
            : check.started.length > 0
              ? progressText(check.started, waiting)
              : link.monitor.enabled
                ? "Destinations are checked after clicks and on schedule."
                : "This link’s destinations are not watched: they are checked only when somebody asks."}
        </p>
        {canWrite && (
          <Button
            variant="outline"
            aria-disabled={check.isBeginning || awaited || undefined}
            onClick={() => !check.isBeginning && !awaited && check.begin()}
          >
            {check.isBeginning || awaited ? (
              <LoaderCircle className="animate-spin" aria-hidden="true" />
            ) : (
              <RefreshCw aria-hidden="true" />
            )}
            Check now
          </Button>
        )}
      </div>
      <StatusNotices workspaceId={workspaceId} />
      {list.isPending ? (
        <div role="status" className="grid gap-3">
          <span className="sr-only">Loading checks…</span>
          <Skeleton className="h-24 rounded-xl" />
          <Skeleton className="h-24 rounded-xl" />
        </div>
      ) : list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : evaluations.length === 0 ? (
        <Empty>
          <EmptyMedia>
            <Stethoscope />
          </EmptyMedia>
          <div>
            <EmptyTitle>Not checked yet</EmptyTitle>
            <EmptyDescription>
              The first check comes after the next click. It looks at the page as a visitor would, and keeps
              what it saw.
            </EmptyDescription>
          </div>
        </Empty>
      ) : (
        <>
          <ol aria-label="Checks, newest first" className="grid min-w-0 gap-3">
            {evaluations.map((evaluation) => (
              <EvaluationItem
                key={evaluation.id}
                evaluation={evaluation}
                workspaceId={workspaceId}
                named={destinations.size > 1}
                isOpen={evaluation.id === openId}
                onToggle={() => onOpenChange(evaluation.id === openId ? "none" : evaluation.id)}
              />
            ))}
          </ol>
          <div className="flex items-center justify-between gap-3">
            {list.hasNextPage ? (
              <Button
                variant="outline"
                aria-disabled={list.isFetchingNextPage || undefined}
                onClick={() => !list.isFetchingNextPage && void list.fetchNextPage()}
              >
                {list.isFetchingNextPage && <LoaderCircle className="animate-spin" aria-hidden="true" />}
                Earlier checks
              </Button>
            ) : (
              <span />
            )}
            <LiveNotice query={list} />
          </div>
        </>
      )}
    </div>
  );
}
