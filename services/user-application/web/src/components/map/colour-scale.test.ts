import { describe, expect, it } from "vitest";
import { colourLevel, colourSteps, levels, stepLabel } from "./colour-scale";

describe("map colour scale", () => {
  it("has no steps without clicks", () => {
    expect(colourSteps(0)).toEqual([]);
    expect(colourLevel([], 0)).toBe(0);
  });

  it("gives a single click the strongest colour", () => {
    expect(colourSteps(1)).toEqual([{ level: levels, from: 1, to: 1 }]);
  });

  it.each([1, 2, 3, 7, 10, 99, 100, 1_234, 50_000, 9_999_999])(
    "covers 1 to %i without gap or overlap",
    (largest) => {
      const steps = colourSteps(largest);
      expect(steps[0]?.from).toBe(1);
      expect(steps.at(-1)?.to).toBe(largest);
      steps.slice(1).forEach((step, index) => {
        expect(step.from).toBe((steps[index]?.to ?? 0) + 1);
        expect(step.level).toBe((steps[index]?.level ?? 0) + 1);
      });
      expect(steps.every((step) => step.from <= step.to)).toBe(true);
      expect(steps.length).toBeLessThanOrEqual(levels);
      expect(steps.at(-1)?.level).toBe(levels);
    },
  );

  it("begins steps at round numbers", () => {
    expect(colourSteps(50_000).map(({ from }) => from)).toEqual([1, 5, 50, 500, 5_000]);
  });

  it("colours a country by the step its clicks fall into", () => {
    const steps = colourSteps(50_000);
    expect(colourLevel(steps, 0)).toBe(0);
    expect(colourLevel(steps, 4)).toBe(1);
    expect(colourLevel(steps, 5)).toBe(2);
    expect(colourLevel(steps, 50_000)).toBe(5);
  });

  it("labels a step by its first and last number", () => {
    const format = (clicks: number) => String(clicks);
    expect(stepLabel({ level: 1, from: 1, to: 4 }, format)).toBe("1–4");
    expect(stepLabel({ level: 1, from: 1, to: 1 }, format)).toBe("1");
  });
});
