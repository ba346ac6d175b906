import { describe, expect, it } from "vitest";
import { noticesOf } from "./status";

const well = {
  enabled: true,
  browser: { available: true, version: "Chrome/140", problem: null },
  ai: { configured: true, model: "small" },
  checks: { perDay: 100, today: 99 },
  failover: {
    confirmAfterSeconds: 600,
    confirmTransientAfterSeconds: 1_800,
    recoverAfterSeconds: 600,
    heldBackSince: null,
  },
};

describe("notices about checks", () => {
  it("are none while everything is there", () => {
    expect(noticesOf(well)).toEqual([]);
  });

  it("say that there is no browser and why, and that rules decide alone", () => {
    const bare = {
      ...well,
      browser: { available: false, version: null, problem: "Install chromium-headless-shell." },
      ai: { configured: false, model: null },
    };
    const [browser, ai] = noticesOf(bare).map(({ text }) => text);
    expect(browser).toContain("no browser");
    expect(browser).toContain("Install chromium-headless-shell.");
    expect(ai).toContain("rules alone");
  });

  it("say first what is grave, and nothing else where checks are off", () => {
    const held = { ...well, ai: { configured: false, model: null }, checks: { perDay: 5, today: 5 } };
    const failover = { ...well.failover, heldBackSince: "2026-11-22T12:00:00.000Z" };
    expect(noticesOf({ ...held, failover }).map(({ isGrave }) => isGrave)).toEqual([true, true, false]);
    expect(noticesOf({ ...held, enabled: false })).toHaveLength(1);
  });
});
