import { analyticsSearch } from "@/features/analytics/search";
import { choice, flag, type SearchOf, searchOf, text } from "@/lib/search";

/** What the list of links keeps in the URL. */
export const linksSearch = searchOf({
  /** Text that key, destination, title or external id contain. */
  q: text,
  /** Archived links are listed too. */
  archived: flag,
  /** The builder is open for a new link … */
  new: flag,
  /** … which begins as a copy of this one, … */
  copy: text,
  /** … or for changing this one. */
  edit: text,
});

export type LinksSearch = SearchOf<typeof linksSearch>;

/** The part of the search that decides which links are listed. */
export type LinksFilter = { search: string; showArchived: boolean };

export function filterOf(search: LinksSearch): LinksFilter {
  return { search: search.q?.trim() ?? "", showArchived: Boolean(search.archived) };
}

/** What a link's page keeps in the URL: which part of it and how its clicks are shown, and whether the builder is open. */
export const linkSearch = searchOf({
  ...analyticsSearch.shape,
  view: choice(["health"]),
  /** The check that is open. */
  check: text,
  edit: flag,
});

export type LinkSearch = SearchOf<typeof linkSearch>;
