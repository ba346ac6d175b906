/** One step of the map's legend: clicks from `from` up to and including `to` share the colour of `level`. */
export type Step = { level: number; from: number; to: number };

/** How many colours the map has; level 0 is land without clicks. */
export const levels = 5;

/** The largest of 1, 2, 5, 10, 20, 50, … that is not above the value. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const lead = value / power;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}

/**
 * Divides 1 … largest into at most five steps.
 *
 * Clicks per country are very uneven (one country often has most of them), so steps grow by a factor instead of a sum; their
 * limits are round numbers, and a step that would hold no whole number is left out.
 */
export function colourSteps(largest: number): Step[] {
  if (!Number.isFinite(largest) || largest < 1) return [];
  const top = Math.floor(largest);
  const starts = [1];
  for (let index = 1; index < levels; index += 1) {
    const start = roundDown(top ** (index / levels));
    if (start > (starts.at(-1) ?? 1) && start <= top) starts.push(start);
  }
  return starts.map((from, index) => ({
    level: levels - starts.length + index + 1,
    from,
    to: (starts[index + 1] ?? top + 1) - 1,
  }));
}

/** The colour level of a country: 0 without clicks, else that of the step its clicks fall into. */
export function colourLevel(steps: readonly Step[], clicks: number): number {
  if (clicks < 1) return 0;
  return steps.findLast((step) => clicks >= step.from)?.level ?? 0;
}

/** How the legend writes a step: one number, or the first and the last. */
export function stepLabel(step: Step, format: (clicks: number) => string): string {
  return step.from === step.to ? format(step.from) : `${format(step.from)}–${format(step.to)}`;
}
