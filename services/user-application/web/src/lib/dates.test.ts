import { describe, expect, it } from "vitest";
import { formatAgo } from "./dates";

const now = Date.parse("2026-11-22T12:00:00.000Z");

describe("formatAgo", () => {
  it.each([
    ["2026-11-22T11:59:40.000Z", "just now"],
    ["2026-11-22T11:58:00.000Z", "2 minutes ago"],
    ["2026-11-22T09:00:00.000Z", "3 hours ago"],
    ["2026-11-21T11:00:00.000Z", "yesterday"],
    ["2025-11-01T11:00:00.000Z", "last year"],
  ])("%s is %s", (iso, text) => {
    expect(formatAgo(iso, now)).toBe(text);
  });
});
