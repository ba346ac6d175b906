import { describe, expect, it } from "vitest";
import type { StartedCheck } from "@/api/gen";
import { progressText, waitingFor } from "./waiting";

const since = "2026-11-22T12:00:00.000Z";
const check = (id: string, change: Partial<StartedCheck> = {}): StartedCheck => ({
  destinationId: id,
  url: `https://${id}.example/page`,
  outcome: "started",
  since,
  ...change,
});
const done = (destinationId: string, finishedAt: string) => ({ destinationId, finishedAt });

describe("checks that go on", () => {
  it("are over once a result came after they began", () => {
    const started = [check("a"), check("b")];
    const before = done("a", "2026-11-22T11:59:59.999Z");
    expect(waitingFor(started, [before])).toHaveLength(2);
    expect(waitingFor(started, [before, done("a", "2026-11-22T12:00:02.000Z")])).toEqual([started[1]]);
  });

  it("are not waited for where none began", () => {
    expect(waitingFor([check("a", { outcome: "budgetSpent", since: null })], [])).toEqual([]);
  });

  it("are named while there are any", () => {
    const [a, b] = [check("a"), check("b")];
    expect(progressText([a], [a])).toBe("Checking a.example…");
    expect(progressText([a, b], [a, b])).toBe("Checking 2 of 2 destinations…");
    expect(progressText([a, b], [])).toBe("All 2 checks are done.");
  });

  it("say what the day's checks did not suffice for", () => {
    const spent = check("b", { outcome: "budgetSpent", since: null });
    expect(progressText([check("a"), spent], [])).toBe(
      "The check is done. One was left out: today’s checks are spent.",
    );
    expect(progressText([spent], [])).toBe("One was left out: today’s checks are spent.");
  });
});
