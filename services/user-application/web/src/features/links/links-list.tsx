import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { LoaderCircle, RotateCw } from "lucide-react";
import { toApiError } from "@/api/errors";
import { ErrorState } from "@/components/app/error-state";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/features/analytics/format";
import { LiveNotice } from "@/features/analytics/live-notice";
import { useMediaQuery } from "@/hooks/use-media-query";
import { LinksSkeleton, NoLinksFound, NoLinksYet, OnlyArchived } from "./links-states";
import { LinkCards, LinksTable, type LinksViewProps } from "./links-table";
import { linksCountQuery, linksQuery } from "./queries";
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
  const wide = useMediaQuery("(min-width: 64rem)");
  const list = useInfiniteQuery(linksQuery(workspaceId, filter));
  const count = useQuery(linksCountQuery(workspaceId, filter));
  const links = list.data?.pages.flat() ?? [];
  const nothing = list.isSuccess && links.length === 0;
  const unfiltered = useQuery({
    ...linksCountQuery(workspaceId, { search: "", showArchived: true }),
    enabled: nothing && !filter.search && !filter.showArchived,
  });

  if (list.isPending) return <LinksSkeleton />;
  if (list.data === undefined) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (links.length === 0) {
    if (filter.search) return <NoLinksFound filter={filter} onClear={() => onFilterChange({ search: "" })} />;
    if (!filter.showArchived && unfiltered.isPending) return <LinksSkeleton />;
    if (!filter.showArchived && (unfiltered.data ?? 0) > 0) {
      return <OnlyArchived onShow={() => onFilterChange({ showArchived: true })} />;
    }
    return <NoLinksYet canWrite={canWrite} onCreate={onCreate} />;
  }
  const View = wide ? LinksTable : LinkCards;
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
      <View links={links} {...view} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted-foreground text-sm tabular-nums" role="status">
          {count.data === undefined || count.data < links.length
            ? `${formatCount(links.length)} links`
            : links.length === count.data
              ? `${formatCount(links.length)} ${links.length === 1 ? "link" : "links"}`
              : `${formatCount(links.length)} of ${formatCount(count.data)} links`}
        </p>
        {list.hasNextPage && (
          <Button
            variant="outline"
            aria-disabled={list.isFetchingNextPage || undefined}
            onClick={() => !list.isFetchingNextPage && void list.fetchNextPage()}
          >
            {list.isFetchingNextPage ? <LoaderCircle className="animate-spin" aria-hidden="true" /> : null}
            Load more
          </Button>
        )}
        <LiveNotice query={list} />
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
