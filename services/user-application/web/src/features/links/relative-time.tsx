import { useEffect, useState } from "react";
import { locale } from "@/features/analytics/format";
import { formatMoment } from "@/lib/dates";

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });

const minute = 60_000;

/** "just now", "5 min. ago", "yesterday", and a date from a week on. */
export function relativeTime(then: number, now: number): string {
  const age = now - then;
  if (age < 45_000) return "just now";
  if (age < 60 * minute) return relative.format(-Math.max(1, Math.round(age / minute)), "minute");
  if (age < 24 * 60 * minute) return relative.format(-Math.round(age / (60 * minute)), "hour");
  if (age < 7 * 24 * 60 * minute) return relative.format(-Math.round(age / (24 * 60 * minute)), "day");
  return new Date(then).getFullYear() === new Date(now).getFullYear()
    ? day.format(then)
    : dayAndYear.format(then);
}

/** A time as people say it, with the exact one on hover; it grows older by itself. */
export function RelativeTime({ iso }: { iso: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const then = Date.parse(iso);
  return (
    <time dateTime={iso} title={formatMoment(iso)} className="whitespace-nowrap">
      {relativeTime(then, Math.max(now, Date.now()))}
    </time>
  );
}
