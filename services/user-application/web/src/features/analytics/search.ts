import { choice, type SearchOf, searchOf } from "@/lib/search";
import { defaultRange, ranges } from "./range";

/** What visitors use, one tab each. */
export const visitorTabs = ["devices", "browsers", "os"] as const;

export type VisitorTab = (typeof visitorTabs)[number];

/** What the analytics pages keep in the URL. Values that make no sense fall back instead of failing the page. */
export const analyticsSearch = searchOf({
  range: choice(ranges, defaultRange),
  tab: choice(visitorTabs, "devices"),
});

export type AnalyticsSearch = SearchOf<typeof analyticsSearch>;

export const analyticsSearchDefaults: AnalyticsSearch = { range: defaultRange, tab: "devices" };
