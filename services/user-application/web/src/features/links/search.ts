import * as z from "zod/mini";
import { analyticsSearch } from "@/features/analytics/search";

const flag = z.catch(z.optional(z.union([z.literal(true), z.literal(1)])), undefined);
const text = z.catch(z.optional(z.string()), undefined);

/** What the list of links keeps in the URL. */
export const linksSearch = z.object({
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

export type LinksSearch = z.infer<typeof linksSearch>;

/** The part of the search that decides which links are listed. */
export type LinksFilter = { search: string; showArchived: boolean };

export function filterOf(search: LinksSearch): LinksFilter {
  return { search: search.q?.trim() ?? "", showArchived: Boolean(search.archived) };
}

/** What a link's page keeps in the URL: how its clicks are shown, and whether the builder is open. */
export const linkSearch = z.extend(analyticsSearch, { edit: flag });

export type LinkSearch = z.infer<typeof linkSearch>;
