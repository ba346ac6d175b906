import { describe, expect, it } from "vitest";
import { axisTicks } from "./axis-ticks";

describe("axis ticks", () => {
  it.each([
    [0, [0, 1, 2, 3, 4]],
    [5, [0, 1, 2, 3, 4, 5]],
    [6, [0, 2, 4, 6]],
    [23, [0, 5, 10, 15, 20, 25]],
    [90, [0, 20, 40, 60, 80, 100]],
    [203, [0, 50, 100, 150, 200, 250]],
    [1150, [0, 500, 1000, 1500]],
    [48_000, [0, 10_000, 20_000, 30_000, 40_000, 50_000]],
  ])("are round for at most %j clicks", (most, ticks) => {
    expect(axisTicks(most)).toEqual(ticks);
  });
});
