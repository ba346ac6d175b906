import { useEffect, useState } from "react";
import { formatAgo, formatMoment } from "@/lib/dates";

/** The time, again and again. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** "12 s ago", "in 40 s", "3 hours ago" */
function describeMoment(iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  if (seconds === 0) return "now";
  if (Math.abs(seconds) < 60) return seconds < 0 ? `${-seconds} s ago` : `in ${seconds} s`;
  return formatAgo(iso, now);
}

/** A moment as it is spoken of, with the exact one on hover. */
export function Moment({ iso }: { iso: string }) {
  const now = useNow(5_000);
  return (
    <time dateTime={iso} title={formatMoment(iso)} className="whitespace-nowrap">
      {describeMoment(iso, Math.max(now, Date.now()))}
    </time>
  );
}
