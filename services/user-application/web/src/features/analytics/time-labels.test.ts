import { describe, expect, it } from "vitest";
import { granularityOf, timeLabels } from "./time-labels";

describe("granularity", () => {
  it.each([
    ["hour", "2026-11-22T10:00:00.000Z", "2026-11-22T11:00:00.000Z"],
    ["day", "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"],
    ["day", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["day", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    ["week", "2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z"],
    ["month", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
  ])("is %s between %s and %s", (granularity, first, second) => {
    expect(granularityOf([first, second], "7d")).toBe(granularity);
  });

  it("is that of the whole steps when the range begins in the middle of one", () => {
    const starts = ["2026-11-15T14:00:00.000Z", "2026-11-16T00:00:00.000Z", "2026-11-17T00:00:00.000Z"];
    expect(granularityOf(starts, "7d")).toBe("day");
  });

  it("falls back on the range with fewer than two points", () => {
    expect(granularityOf([], "24h")).toBe("hour");
    expect(granularityOf(["2026-11-01T00:00:00.000Z"], "all")).toBe("month");
  });
});

describe("time labels", () => {
  it("names the day of the viewer's time zone, not that of UTC", () => {
    const start = "2026-11-21T23:00:00.000Z";
    expect(timeLabels("day", "Europe/Berlin").full(start)).toMatch(/^Sun,? 22 November 2026$/);
    expect(timeLabels("day", "UTC").full(start)).toMatch(/^Sat,? 21 November 2026$/);
    expect(timeLabels("day", "America/Los_Angeles").tick("2026-11-22T08:00:00.000Z")).toBe("22 Nov");
  });

  it("tells the two 02:00 hours apart when the clocks go back", () => {
    const labels = timeLabels("hour", "Europe/Berlin");
    const summer = labels.full("2026-10-25T00:00:00.000Z");
    const winter = labels.full("2026-10-25T01:00:00.000Z");
    expect(labels.tick("2026-10-25T00:00:00.000Z")).toBe("02:00");
    expect(labels.tick("2026-10-25T01:00:00.000Z")).toBe("02:00");
    expect(summer).toContain("02:00");
    expect(winter).toContain("02:00");
    expect(summer).not.toBe(winter);
  });

  it("skips from 01:00 to 03:00 when the clocks go forward", () => {
    const { tick } = timeLabels("hour", "Europe/Berlin");
    expect(tick("2026-03-29T00:00:00.000Z")).toBe("01:00");
    expect(tick("2026-03-29T01:00:00.000Z")).toBe("03:00");
  });

  it("writes midnight as 00:00", () => {
    expect(timeLabels("hour", "UTC").tick("2026-11-22T00:00:00.000Z")).toBe("00:00");
  });

  it("keeps half-hour zones on their own hours", () => {
    expect(timeLabels("hour", "Asia/Kolkata").tick("2026-11-22T04:30:00.000Z")).toBe("10:00");
  });

  it("puts a month's start in the month it begins in the zone", () => {
    expect(timeLabels("month", "Europe/Berlin").full("2026-10-31T23:00:00.000Z")).toBe("November 2026");
  });
});
