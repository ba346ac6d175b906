/** The time ranges of the analytics pages, in the words the API uses for `interval`. */
export const ranges = ["24h", "7d", "30d", "90d", "1y", "all"] as const;

export type Range = (typeof ranges)[number];

export const defaultRange: Range = "7d";

export const rangeLabels: Record<Range, { short: string; long: string }> = {
  "24h": { short: "24h", long: "Last 24 hours" },
  "7d": { short: "7d", long: "Last 7 days" },
  "30d": { short: "30d", long: "Last 30 days" },
  "90d": { short: "90d", long: "Last 90 days" },
  "1y": { short: "1y", long: "Last 12 months" },
  all: { short: "All", long: "All time" },
};

/** The time zone the browser is set to, in which days begin and times are shown. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
