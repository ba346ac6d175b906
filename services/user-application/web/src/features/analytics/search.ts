import * as z from "zod/mini";
import { defaultRange, ranges } from "./range";

/** The ways clicks are broken down beside the countries. */
export const sources = ["referers", "devices", "browsers", "os"] as const;

export type Source = (typeof sources)[number];

/** What the analytics pages keep in the URL. Values that make no sense fall back instead of failing the page. */
export const analyticsSearch = z.object({
  range: z._default(z.catch(z.enum(ranges), defaultRange), defaultRange),
  source: z._default(z.catch(z.enum(sources), "referers"), "referers"),
});

export type AnalyticsSearch = z.infer<typeof analyticsSearch>;

export const analyticsSearchDefaults: AnalyticsSearch = { range: defaultRange, source: "referers" };
