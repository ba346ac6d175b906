import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, formatNumber } from "./format";

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [340.4, "340 ms"],
    [1234, "1.2 s"],
    [59_940, "59.9 s"],
    [60_000, "1 min"],
    [184_000, "3 min 4 s"],
    [3_600_000, "1 h"],
    [90_061_000, "1 d 1 h"],
    [-5, "0 ms"],
  ])("writes %d ms as %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe("formatBytes", () => {
  it.each([
    [1, "1 byte"],
    [812, "812 bytes"],
    [1500, "1.5 KB"],
    [20_000_000, "20 MB"],
  ])("writes %d as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

it("formatNumber counts things", () => {
  expect(formatNumber(1, "run")).toBe("1 run");
  expect(formatNumber(1200, "entry", "entries")).toBe("1,200 entries");
});
