import { describe, expect, it } from "vitest";
import { amountText, formatMoney, minorOf } from "./click-value";

describe("what a click is worth", () => {
  it.each([
    ["2.50", "EUR", 250],
    ["2,5", "EUR", 250],
    [" 12 ", "USD", 1200],
    ["300", "JPY", 300],
    ["1.234", "KWD", 1234],
    ["0", "EUR", 0],
  ])("reads %j %s", (text, currency, minor) => {
    expect(minorOf(text, currency)).toBe(minor);
  });

  it.each([
    ["2.505", "EUR"],
    ["1.5", "JPY"],
    ["-1", "EUR"],
    ["1e3", "EUR"],
    ["", "EUR"],
    ["two", "EUR"],
  ])("takes %j %s for no amount", (text, currency) => {
    expect(minorOf(text, currency)).toBeNull();
  });

  it("comes back as it was given", () => {
    expect(amountText({ minor: 250, currency: "EUR" })).toBe("2.50");
    expect(amountText({ minor: 300, currency: "JPY" })).toBe("300");
    expect(minorOf(amountText({ minor: 5, currency: "USD" }), "USD")).toBe(5);
  });

  it("is shown as money, in any currency that has three letters", () => {
    expect(formatMoney({ minor: 250, currency: "EUR" })).toBe("€2.50");
    expect(formatMoney({ minor: 300, currency: "JPY" })).toBe("¥300");
    expect(formatMoney({ minor: 100, currency: "XX" })).toBe("1.00 XX");
  });
});
