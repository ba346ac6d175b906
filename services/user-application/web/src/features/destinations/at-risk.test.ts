import { describe, expect, it } from "vitest";
import { atRisk, atRiskTogether } from "./at-risk";

describe("what is at risk", () => {
  it("is money a day, each currency by itself", () => {
    expect(atRisk([{ currency: "EUR", minor: 1_250 }])).toBe("€12.50 a day");
    const [one, two] = [
      { valueAtRisk: [{ currency: "EUR", minor: 100 }] },
      {
        valueAtRisk: [
          { currency: "USD", minor: 300 },
          { currency: "EUR", minor: 50 },
        ],
      },
    ];
    expect(atRiskTogether([one, two])).toBe("€1.50 and $3.00 a day");
  });

  it("is nothing where no click has a value", () => {
    expect(atRisk([{ currency: "EUR", minor: 0 }])).toBeNull();
    expect(atRiskTogether([])).toBeNull();
  });
});
