import { choice, type SearchOf, searchOf, text } from "@/lib/search";

export const inboxShows = ["attention", "broken", "suspect", "pinned", "all"] as const;

/** What the inbox keeps in its address: which destinations, and what their addresses contain. */
export const inboxSearch = searchOf({ show: choice(inboxShows), q: text });

export type InboxSearch = SearchOf<typeof inboxSearch>;
export type InboxShow = (typeof inboxShows)[number];
