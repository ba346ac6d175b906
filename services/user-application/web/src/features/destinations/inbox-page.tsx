import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { CircleCheckBig, LoaderCircle, SearchX, Stethoscope } from "lucide-react";
import { useId } from "react";
import { ErrorState } from "@/components/app/error-state";
import { Page, PageHeader } from "@/components/app/page";
import { SearchField } from "@/components/app/search-field";
import { Button } from "@/components/ui/button";
import { Empty, EmptyActions, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { LiveNotice } from "@/features/analytics/live-notice";
import { StatusNotices } from "@/features/health/status-notices";
import { useWorkspace } from "@/features/workspaces/use-workspace";
import { canWriteLinks } from "@/features/workspaces/workspace";
import { cn } from "@/lib/utils";
import { atRiskTogether } from "./at-risk";
import { DestinationCard } from "./destination-card";
import { inboxQuery, summaryQuery } from "./queries";
import { type InboxSearch, type InboxShow, inboxShows } from "./search";

const showNames: Readonly<Record<InboxShow, string>> = {
  attention: "Wants attention",
  broken: "Broken",
  suspect: "Suspect",
  pinned: "Pinned",
  all: "All destinations",
};

/** Destinations that are broken, suspect or pinned, and what to do about them. */
export function InboxPage({
  search,
  onSearchChange,
}: {
  search: InboxSearch;
  onSearchChange: (change: InboxSearch) => void;
}) {
  const workspace = useWorkspace();
  const labelId = useId();
  const list = useInfiniteQuery(inboxQuery(workspace.id, search));
  const summary = useQuery(summaryQuery(workspace.id));
  const destinations = list.data?.pages.flat() ?? [];
  const show = search.show ?? "attention";
  const items = inboxShows.map((value) => ({ value, label: showNames[value] }));
  const worth = atRiskTogether(
    destinations.filter(({ state, servingBackup }) => state === "broken" && !servingBackup),
  );
  return (
    <Page>
      <PageHeader
        title="Health"
        description={
          worth ? `${worth} at risk on the destinations below` : "Destinations that want attention"
        }
      />
      <StatusNotices workspaceId={workspace.id} />
      <search className="flex flex-wrap items-center gap-x-5 gap-y-3">
        <SearchField
          label="Search destinations"
          placeholder="Part of the address"
          value={search.q ?? ""}
          onChange={(q) => onSearchChange({ q: q || undefined })}
        />
        <span id={labelId} className="sr-only">
          Show
        </span>
        <Select
          items={items}
          value={show}
          onValueChange={(next) =>
            onSearchChange({ show: next === "attention" ? undefined : (next ?? undefined) })
          }
        >
          <SelectTrigger aria-labelledby={labelId} className="min-w-44">
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            {items.map(({ value, label }) => (
              <SelectItem key={value} value={value}>
                {label}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </search>
      {list.isPending ? (
        <div role="status" className="grid gap-4">
          <span className="sr-only">Loading destinations…</span>
          <Skeleton className="h-44 rounded-xl" />
          <Skeleton className="h-44 rounded-xl" />
        </div>
      ) : list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : destinations.length === 0 ? (
        <Nothing
          search={search}
          everything={summary.data ? summary.data.ok + summary.data.broken + summary.data.suspect : undefined}
          onSearchChange={onSearchChange}
        />
      ) : (
        <div className={cn("grid min-w-0 gap-4", list.isPlaceholderData && "opacity-60")}>
          <ul className="grid min-w-0 gap-4">
            {destinations.map((destination) => (
              <DestinationCard
                key={destination.id}
                destination={destination}
                workspaceId={workspace.id}
                workspaceSlug={workspace.slug}
                canWrite={canWriteLinks(workspace)}
              />
            ))}
          </ul>
          <div className="flex items-center justify-between gap-3">
            {list.hasNextPage ? (
              <Button
                variant="outline"
                aria-disabled={list.isFetchingNextPage || undefined}
                onClick={() => !list.isFetchingNextPage && void list.fetchNextPage()}
              >
                {list.isFetchingNextPage && <LoaderCircle className="animate-spin" aria-hidden="true" />}
                Load more
              </Button>
            ) : (
              <span />
            )}
            <LiveNotice query={list} />
          </div>
        </div>
      )}
    </Page>
  );
}

/** Why nothing is listed: the filter, that all is well, or that nothing was ever checked. */
function Nothing({
  search,
  everything,
  onSearchChange,
}: {
  search: InboxSearch;
  /** How many destinations were checked, undefined until that is known. */
  everything: number | undefined;
  onSearchChange: (change: InboxSearch) => void;
}) {
  if (search.q || (search.show && search.show !== "all")) {
    return (
      <Empty>
        <EmptyMedia>
          <SearchX />
        </EmptyMedia>
        <div>
          <EmptyTitle>No destination matches</EmptyTitle>
          <EmptyDescription>Destinations that are well are in the list of all.</EmptyDescription>
        </div>
        <EmptyActions>
          <Button variant="outline" onClick={() => onSearchChange({ q: undefined, show: undefined })}>
            Clear the filter
          </Button>
        </EmptyActions>
      </Empty>
    );
  }
  if (everything === 0) {
    return (
      <Empty>
        <EmptyMedia>
          <Stethoscope />
        </EmptyMedia>
        <div>
          <EmptyTitle>Nothing was checked yet</EmptyTitle>
          <EmptyDescription>
            The destinations of your links are looked at after clicks and on schedule. What is broken or sold
            out appears here, with a picture and the words that say so.
          </EmptyDescription>
        </div>
      </Empty>
    );
  }
  return (
    <Empty>
      <EmptyMedia>
        <CircleCheckBig />
      </EmptyMedia>
      <div>
        <EmptyTitle>All is well</EmptyTitle>
        <EmptyDescription>No destination is broken, suspect or pinned.</EmptyDescription>
      </div>
      <EmptyActions>
        <Button variant="outline" onClick={() => onSearchChange({ show: "all" })}>
          Show all destinations
        </Button>
      </EmptyActions>
    </Empty>
  );
}
