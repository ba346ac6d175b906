/** The interface is in English, and so are its dates and numbers. */
export const locale = "en-GB";

const whole = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(locale, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const wholePercent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });

/** 12,345 */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** 12.3K, for axes and other narrow places. */
export function formatCompact(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** "1 click", "12,345 clicks" */
export function formatClicks(value: number): string {
  return `${whole.format(value)} ${value === 1 ? "click" : "clicks"}`;
}

/** A part of a whole as people read it: "<0.1%" instead of "0%" when there is something. */
export function formatShare(part: number, total: number): string {
  if (total <= 0 || part <= 0) return wholePercent.format(0);
  const share = part / total;
  if (share < 0.001) return `<${percent.format(0.001)}`;
  return share >= 0.0995 ? wholePercent.format(share) : percent.format(share);
}
