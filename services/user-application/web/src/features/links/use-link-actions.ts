import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";
import { deleteLinkMutation, getLinkQueryKey, updateLinkMutation } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import { linkWritten, listsChanged } from "./changes";
import { displayAddress, type ShortLink } from "./link";
import { withArchived } from "./lists";
import { linkListsKey, linkQuery } from "./queries";
import type { LinksFilter } from "./search";

type Lists = InfiniteData<ShortLink[], string>;

/**
 * Archives and brings back: shown at once, with a way back in the toast, and undone when the server refuses.
 *
 * Archiving only changes lists (the link keeps redirecting), so showing it early risks nothing.
 */
export function useArchive(workspaceId: string) {
  const client = useQueryClient();
  const scope = workspaceScope({ id: workspaceId });
  const update = useMutation(updateLinkMutation());

  async function archive(link: ShortLink, archived: boolean, offerUndo = true): Promise<void> {
    const lists = { queryKey: linkListsKey(workspaceId) };
    const one = linkQuery(workspaceId, link.id);
    await client.cancelQueries(lists);
    const before = client.getQueriesData<Lists>(lists);
    for (const [key, list] of before) {
      const filter = key[2] as LinksFilter | undefined;
      if (list && filter) client.setQueryData<Lists>(key, withArchived(list, link.id, archived, filter));
    }
    client.setQueryData(one.queryKey, (shown) => shown && { ...shown, archived });
    try {
      const written = await update.mutateAsync({ ...scope, path: { linkId: link.id }, body: { archived } });
      linkWritten(client, workspaceId, written);
      toast(archived ? `Archived ${displayAddress(link)}` : `Brought back ${displayAddress(link)}`, {
        description: archived ? "It keeps redirecting and counting." : undefined,
        action: offerUndo
          ? { label: "Undo", onClick: () => void archive(written, !archived, false) }
          : undefined,
      });
    } catch (error) {
      for (const [key, list] of before) client.setQueryData(key, list);
      client.setQueryData(one.queryKey, (shown) => shown && { ...shown, archived: !archived });
      toast.error(`${displayAddress(link)} was not ${archived ? "archived" : "brought back"}`, {
        description: toApiError(error).message,
      });
    }
  }

  return archive;
}

/** Deletes for good. Nothing is shown before the server has done it. */
export function useDeleteLink(workspaceId: string) {
  const client = useQueryClient();
  return useMutation({
    ...deleteLinkMutation(),
    onSuccess: ({ id }) => {
      client.removeQueries({
        queryKey: getLinkQueryKey({ ...workspaceScope({ id: workspaceId }), path: { linkId: id } }),
      });
      listsChanged(client, workspaceId);
    },
  });
}
