import { type UseInfiniteQueryResult, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { LoaderCircle, RotateCw } from "lucide-react";
import { toApiError } from "@/api/errors";
import { ErrorState } from "@/components/app/error-state";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/features/analytics/format";
import { LiveNotice } from "@/features/analytics/live-notice";
import { useMediaQuery } from "@/hooks/use-media-query";
import { cn } from "@/lib/utils";
import { linksCountQuery } from "./changes";
import type { ShortLink } from "./link";
import { LinksSkeleton, NoLinksFound, NoLinksYet, OnlyArchived } from "./links-states";
import { LinkCards, LinksTable, type LinksViewProps } from "./links-table";
import { LinksToolbar } from "./links-toolbar";
import { linksQuery } from "./queries";
import type { LinksFilter } from "./search";

/** The links a filter leaves, page after page, with all the states a list can be in. */
export function LinksList({
  filter,
  onFilterChange,
  onCreate,
  ...view
}: Omit<LinksViewProps, "links"> & {
  filter: LinksFilter;
  onFilterChange: (change: Partial<LinksFilter>) => void;
  onCreate: () => void;
}) {
  const { workspaceId, canWrite } = view;
  const list = useInfiniteQuery(linksQuery(workspaceId, filter));
  const count = useQuery(linksCountQuery(workspaceId, filter));
  const links = list.data?.pages.flat() ?? [];
  const nothing = list.isSuccess && !list.isPlaceholderData && links.length === 0;
  const unfiltered = nothing && !filter.search && !filter.showArchived;
  const all = useQuery({
    ...linksCountQuery(workspaceId, { search: "", showArchived: true }),
    enabled: unfiltered,
  });

  if (unfiltered && all.data === 0) return <NoLinksYet canWrite={canWrite} onCreate={onCreate} />;
  return (
    <>
      <LinksToolbar filter={filter} onChange={onFilterChange} />
      {list.isPending || (unfiltered && all.isPending) ? (
        <LinksSkeleton />
      ) : list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : nothing && filter.search ? (
        <NoLinksFound filter={filter} onClear={() => onFilterChange({ search: "" })} />
      ) : unfiltered ? (
        <OnlyArchived onShow={() => onFilterChange({ showArchived: true })} />
      ) : nothing ? (
        <NoLinksYet canWrite={canWrite} onCreate={onCreate} />
      ) : (
        <ListedLinks list={list} links={links} count={count.data} view={view} />
      )}
    </>
  );
}

function ListedLinks({
  list,
  links,
  count,
  view,
}: {
  list: UseInfiniteQueryResult;
  links: ShortLink[];
  /** How many links the filter leaves, undefined until that is known. */
  count: number | undefined;
  view: Omit<LinksViewProps, "links">;
}) {
  const View = useMediaQuery("(min-width: 64rem)") ? LinksTable : LinkCards;
  const loading = list.isFetchingNextPage;
  return (
    <div
      className={cn(
        "grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4 transition-opacity",
        list.isPlaceholderData && "opacity-60",
      )}
    >
      <View links={links} {...view} />
      <div className="grid grid-cols-2 items-center gap-3 sm:grid-cols-3">
        <p className="text-muted-foreground text-sm tabular-nums" role="status">
          {shownOf(links.length, count)}
        </p>
        {list.hasNextPage && (
          <Button
            variant="outline"
            className="col-span-2 row-start-1 sm:col-span-1 sm:col-start-2 sm:justify-self-center"
            aria-disabled={loading || undefined}
            onClick={() => !loading && void list.fetchNextPage()}
          >
            {loading && <LoaderCircle className="animate-spin" aria-hidden="true" />}
            Load more
          </Button>
        )}
        <div className="justify-self-end sm:col-start-3">
          <LiveNotice query={list} />
        </div>
      </div>
      {list.isFetchNextPageError && (
        <p role="alert" className="flex flex-wrap items-center gap-2 text-destructive text-sm">
          {toApiError(list.error).message}
          <Button variant="outline" size="sm" onClick={() => void list.fetchNextPage()}>
            <RotateCw aria-hidden="true" /> Try again
          </Button>
        </p>
      )}
    </div>
  );
}

/** "3 links", "25 of 1,204 links" */
function shownOf(shown: number, count: number | undefined): string {
  const all = Math.max(count ?? shown, shown);
  const noun = all === 1 ? "link" : "links";
  return all === shown
    ? `${formatCount(shown)} ${noun}`
    : `${formatCount(shown)} of ${formatCount(all)} ${noun}`;
}
