import type { ClickValue } from "@/api/gen";

/** How many digits a currency has after the point; two for those nobody has heard of. */
function digitsOf(currency: string): number {
  try {
    return (
      new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ??
      2
    );
  } catch {
    return 2;
  }
}

/** An amount in the smallest unit of its currency, as people write it: "€2.50". */
export function formatMoney({ minor, currency }: ClickValue): string {
  const digits = digitsOf(currency);
  const amount = minor / 10 ** digits;
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).format(amount);
  } catch {
    return `${amount.toFixed(digits)} ${currency}`;
  }
}

/** The same as the text of a field, without the currency. */
export function amountText({ minor, currency }: ClickValue): string {
  const digits = digitsOf(currency);
  return (minor / 10 ** digits).toFixed(digits);
}

/** What was typed, in the smallest unit of the currency; null when it is no amount. Both a comma and a point begin the cents. */
export function minorOf(text: string, currency: string): number | null {
  const digits = digitsOf(currency);
  const typed = /^(\d{1,10})(?:[.,](\d+))?$/.exec(text.trim());
  const cents = typed?.[2] ?? "";
  if (!typed || cents.length > digits) return null;
  return Number(`${typed[1]}${cents.padEnd(digits, "0")}`);
}
