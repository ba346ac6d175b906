import { locale } from "@/features/analytics/format";

const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** "340 ms", "1.2 s", "3 min 4 s", "2 d 5 h": the two largest units. */
export function formatDuration(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 60_000) return `${number.format(whole / 1000)} s`;
  const first = units.findIndex(([, size]) => whole >= size);
  const [unit, size] = units[first] ?? units[3];
  const [nextUnit, nextSize] = units[first + 1] ?? units[3];
  const rest = Math.floor((whole % size) / nextSize);
  return `${Math.floor(whole / size)} ${unit}${rest > 0 ? ` ${rest} ${nextUnit}` : ""}`;
}

/** "812 bytes", "1.5 KB", "20 MB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const kilobytes = bytes / 1000;
  return kilobytes < 1000 ? `${number.format(kilobytes)} KB` : `${number.format(kilobytes / 1000)} MB`;
}

/** "1 run", "3 runs" */
export function formatNumber(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}
