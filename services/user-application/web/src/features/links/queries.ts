import { infiniteQueryOptions } from "@tanstack/react-query";
import { getLinkOptions, listLinks } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import type { LinksFilter } from "./search";

// What a page begins to load before its code is there, and so a part of every first visit.

export const pageSize = 25;

/** Clicks appear in the list about this often; long lists are asked for less often, as every page is one request. */
const every = 3_000;
const everyWhenLong = 15_000;

const scope = (workspaceId: string) => workspaceScope({ id: workspaceId });

/** Begins the keys of all lists of a workspace. */
export const linkListsKey = (workspaceId: string) => ["links", workspaceId] as const;

export function linksQuery(workspaceId: string, filter: LinksFilter) {
  return infiniteQueryOptions({
    queryKey: [...linkListsKey(workspaceId), filter],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await listLinks({
        ...scope(workspaceId),
        query: {
          ...(filter.search ? { search: filter.search } : {}),
          showArchived: filter.showArchived,
          pageSize,
          ...(pageParam ? { startingAfter: pageParam } : {}),
        },
        signal,
        throwOnError: true,
      });
      return data;
    },
    initialPageParam: "",
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    staleTime: 2_000,
    // While another filter loads, the last list stays on screen, but never that of another workspace.
    placeholderData: (previous, asked) => (asked?.queryKey[1] === workspaceId ? previous : undefined),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 3 ? everyWhenLong : every),
  });
}

export function linkQuery(workspaceId: string, linkId: string) {
  return getLinkOptions({ ...scope(workspaceId), path: { linkId } });
}
