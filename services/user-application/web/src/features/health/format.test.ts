import { describe, expect, it } from "vitest";
import { byteSize, decidedBy, limitsOf, milliseconds, timingsOf } from "./format";

describe("what a check says of itself", () => {
  it("names times and sizes", () => {
    expect([milliseconds(340.4), milliseconds(2_050)]).toEqual(["340 ms", "2.0 s"]);
    expect([byteSize(812), byteSize(44_123), byteSize(2_000_000)]).toEqual(["812 B", "44.1 KB", "2 MB"]);
  });

  it("tells who decided, and how sure they were", () => {
    expect(decidedBy({ decidedBy: "rules", confidence: 0.923 })).toBe("Decided by the rules, 92% sure");
    expect(decidedBy({ decidedBy: "override", confidence: 1 })).toBe("Decided by a person");
  });

  it("says plainly that there was no browser", () => {
    const found = { browserVersion: null, ai: null, decidedBy: "rules", verdict: "AVAILABLE" } as const;
    expect(limitsOf(found)).toHaveLength(1);
    expect(limitsOf(found)[0]).toContain("no browser");
    expect(limitsOf({ ...found, browserVersion: "Chrome/140" })).toEqual([]);
  });

  it("speaks of a missing language model only where it would have helped", () => {
    const found = { browserVersion: "Chrome/140", ai: null, decidedBy: "rules", verdict: "UNKNOWN" } as const;
    expect(limitsOf(found)[0]).toContain("No language model was asked");
    expect(limitsOf({ ...found, decidedBy: "override" })).toEqual([]);
  });

  it("leaves out what it did not come to", () => {
    expect(timingsOf({ firstByteMs: 12, contentLoadedMs: null, settledMs: null, totalMs: 900 })).toEqual([
      { name: "First byte", value: 12 },
      { name: "All done", value: 900 },
    ]);
  });
});
