import type { InfiniteData } from "@tanstack/react-query";
import type { ShortLink } from "./link";
import type { LinksFilter } from "./search";

/** A list as it will look once a link is archived or brought back: marked, or gone where archived ones are not shown. */
export function withArchived(
  list: InfiniteData<ShortLink[], string>,
  linkId: string,
  archived: boolean,
  filter: LinksFilter,
): InfiniteData<ShortLink[], string> {
  const gone = archived && !filter.showArchived;
  return {
    ...list,
    pages: list.pages.map((page) =>
      gone
        ? page.filter(({ id }) => id !== linkId)
        : page.map((link) => (link.id === linkId ? { ...link, archived } : link)),
    ),
  };
}
