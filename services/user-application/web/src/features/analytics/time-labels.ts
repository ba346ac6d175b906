import type { Range } from "./range";

/** The length of one bar of the chart. */
export type Granularity = "hour" | "day" | "week" | "month";

const hour = 3_600_000;

/** What the API divides a range by when there are too few points to measure. */
const usual: Record<Range, Granularity> = {
  "24h": "hour",
  "7d": "day",
  "30d": "day",
  "90d": "day",
  "1y": "month",
  all: "month",
};

/**
 * Finds the granularity from the longest step between the first points.
 *
 * The longest, because a range may begin in the middle of an hour or day. A day has 23 or 25 hours when the clocks change and a
 * month 28 to 31 days, so each length has room around it.
 */
export function granularityOf(starts: readonly string[], range: Range): Granularity {
  const first = starts.slice(0, 4).map((start) => Date.parse(start));
  const steps = first.slice(1).map((start, index) => start - (first[index] ?? start));
  if (steps.length === 0) return usual[range];
  const longest = Math.max(...steps);
  if (longest <= 12 * hour) return "hour";
  if (longest <= 36 * hour) return "day";
  if (longest <= 10 * 24 * hour) return "week";
  return "month";
}

export type TimeLabels = {
  /** Short, for the axis. */
  tick: (start: string) => string;
  /** Complete and unambiguous, for the tooltip and the table. */
  full: (start: string) => string;
};

/**
 * Writes the starts of the chart's bars in a time zone.
 *
 * Hours carry the zone's abbreviation in the full form: when the clocks go back, "02:00" happens twice.
 */
export function timeLabels(granularity: Granularity, timeZone: string, locale = "en-GB"): TimeLabels {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    return (start: string) => formatter.format(new Date(start));
  };
  switch (granularity) {
    case "hour":
      return {
        tick: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
        full: format({
          weekday: "short",
          day: "numeric",
          month: "short",
          hour: "2-digit",
          minute: "2-digit",
          hourCycle: "h23",
          timeZoneName: "short",
        }),
      };
    case "day":
      return {
        tick: format({ day: "numeric", month: "short" }),
        full: format({ weekday: "short", day: "numeric", month: "long", year: "numeric" }),
      };
    case "week": {
      const day = format({ day: "numeric", month: "long", year: "numeric" });
      return { tick: format({ day: "numeric", month: "short" }), full: (start) => `Week of ${day(start)}` };
    }
    case "month":
      return {
        tick: format({ month: "short", year: "2-digit" }),
        full: format({ month: "long", year: "numeric" }),
      };
  }
}
