/** Where the lines of a count axis are: round numbers from zero, up to the first that is not below `most`. */
export function axisTicks(most: number): number[] {
  const rough = Math.max(most, 4) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((round) => round * power).find((round) => round >= rough) ?? 1);
  return Array.from({ length: Math.ceil(Math.max(most, 4) / step) + 1 }, (_, line) => line * step);
}
