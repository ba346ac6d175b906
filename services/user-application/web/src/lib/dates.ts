const dateFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const momentFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const relativeFormat = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const units = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** "22 Nov 2026" */
export function formatDate(iso: string): string {
  return dateFormat.format(new Date(iso));
}

/** "22 Nov 2026, 13:05" */
export function formatMoment(iso: string): string {
  return momentFormat.format(new Date(iso));
}

/** "3 hours ago", "just now" */
export function formatAgo(iso: string, now: number = Date.now()): string {
  const elapsed = new Date(iso).getTime() - now;
  for (const [unit, milliseconds] of units) {
    if (Math.abs(elapsed) >= milliseconds)
      return relativeFormat.format(Math.trunc(elapsed / milliseconds), unit);
  }
  return "just now";
}
