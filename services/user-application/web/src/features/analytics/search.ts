import * as z from "zod/mini";
import { defaultRange, ranges } from "./range";

/** What visitors use, one tab each. */
export const visitorTabs = ["devices", "browsers", "os"] as const;

export type VisitorTab = (typeof visitorTabs)[number];

/** What the analytics pages keep in the URL. Values that make no sense fall back instead of failing the page. */
export const analyticsSearch = z.object({
  range: z._default(z.catch(z.enum(ranges), defaultRange), defaultRange),
  tab: z._default(z.catch(z.enum(visitorTabs), "devices"), "devices"),
});

export type AnalyticsSearch = z.infer<typeof analyticsSearch>;

export const analyticsSearchDefaults: AnalyticsSearch = { range: defaultRange, tab: "devices" };
