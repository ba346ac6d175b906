import type { QueryClient } from "@tanstack/react-query";
import { countLinksOptions, countLinksQueryKey, getLinkQueryKey, linkExistsOptions } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import type { ShortLink } from "./link";
import { linkListsKey } from "./queries";
import type { LinksFilter } from "./search";

const scope = (workspaceId: string) => workspaceScope({ id: workspaceId });

export function linksCountQuery(workspaceId: string, filter: LinksFilter) {
  return countLinksOptions({
    ...scope(workspaceId),
    query: { ...(filter.search ? { search: filter.search } : {}), showArchived: filter.showArchived },
  });
}

export function linkTakenQuery(workspaceId: string, domain: string, key: string) {
  return { ...linkExistsOptions({ ...scope(workspaceId), query: { domain, key } }), staleTime: 5_000 };
}

/** After a link was written: its page shows it at once, the lists ask again. */
export function linkWritten(client: QueryClient, workspaceId: string, link: ShortLink): void {
  client.setQueryData(getLinkQueryKey({ ...scope(workspaceId), path: { linkId: link.id } }), link);
  listsChanged(client, workspaceId);
}

export function listsChanged(client: QueryClient, workspaceId: string): void {
  void client.invalidateQueries({ queryKey: linkListsKey(workspaceId) });
  void client.invalidateQueries({ queryKey: countLinksQueryKey(scope(workspaceId)) });
}
