import { describe, expect, it } from "vitest";
import { relativeTime } from "./relative-time";

const now = Date.parse("2026-11-22T12:00:00.000Z");
const minute = 60_000;

describe("relative time", () => {
  it.each([
    [0, "just now"],
    [44_000, "just now"],
    [50_000, "1 min ago"],
    [5 * minute, "5 min ago"],
    [59 * minute, "59 min ago"],
    [3 * 60 * minute, "3 hr ago"],
    [24 * 60 * minute, "yesterday"],
    [5 * 24 * 60 * minute, "5 days ago"],
    [20 * 24 * 60 * minute, "2 Nov"],
    [400 * 24 * 60 * minute, "18 Oct 2025"],
  ])("is, %i milliseconds later, %j", (age, text) => {
    // Abbreviations carry a full stop in some versions of the locale data.
    expect(relativeTime(now - age, now).replaceAll(".", "")).toBe(text);
  });

  it("never looks into the future when clocks differ", () => {
    expect(relativeTime(now + 5_000, now)).toBe("just now");
  });
});
