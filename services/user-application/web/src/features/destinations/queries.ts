import { infiniteQueryOptions } from "@tanstack/react-query";
import { getDestinationSummaryOptions, listDestinationHealth } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import type { InboxSearch } from "./search";

const pageSize = 20;
const every = 15_000;

export const inboxKey = (workspaceId: string) => ["destinations", workspaceId] as const;

/** Destinations and how they are; those first whose state changed last. */
export function inboxQuery(workspaceId: string, { show = "attention", q }: InboxSearch) {
  const which = show === "pinned" ? { state: "all" as const, pinned: true } : { state: show };
  return infiniteQueryOptions({
    queryKey: [...inboxKey(workspaceId), show, q ?? ""],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await listDestinationHealth({
        ...workspaceScope({ id: workspaceId }),
        query: {
          ...which,
          pageSize,
          ...(q ? { search: q } : {}),
          ...(pageParam ? { startingAfter: pageParam } : {}),
        },
        signal,
        throwOnError: true,
      });
      return data;
    },
    initialPageParam: "",
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    placeholderData: (previous, asked) => (asked?.queryKey[1] === workspaceId ? previous : undefined),
    refetchInterval: every,
  });
}

export function summaryQuery(workspaceId: string) {
  return {
    ...getDestinationSummaryOptions(workspaceScope({ id: workspaceId })),
    refetchInterval: every,
  };
}
