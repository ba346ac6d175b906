import type { Amount } from "@/api/gen";
import { formatMoney } from "@/features/links/click-value";

/** "€12.50 and $3.00 a day": what the clicks of a day on the links of a destination are worth; null where nobody said. */
export function atRisk(amounts: readonly Amount[]): string | null {
  const worth = amounts.filter(({ minor }) => minor > 0).map(formatMoney);
  return worth.length === 0 ? null : `${new Intl.ListFormat("en-GB").format(worth)} a day`;
}

/** The same over several destinations. A link that leads to two of them counts for both, so it is at most this. */
export function atRiskTogether(destinations: readonly { valueAtRisk: readonly Amount[] }[]): string | null {
  const sums = new Map<string, number>();
  for (const { currency, minor } of destinations.flatMap(({ valueAtRisk }) => valueAtRisk)) {
    sums.set(currency, (sums.get(currency) ?? 0) + minor);
  }
  return atRisk([...sums].map(([currency, minor]) => ({ currency, minor })));
}
