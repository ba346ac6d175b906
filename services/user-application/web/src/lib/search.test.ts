import { describe, expect, it } from "vitest";
import { choice, flag, searchOf, text, textOrDigits } from "./search";

const search = searchOf({
  q: text,
  token: textOrDigits,
  open: flag,
  order: choice(["newest", "oldest"]),
  range: choice(["7d", "30d"], "7d"),
});

describe("a route's search", () => {
  it("is what the address says", () => {
    const asked = { q: "sale", token: "a1", open: 1, order: "oldest", range: "30d" };
    expect(search.parse(asked)).toStrictEqual(asked);
  });

  it("leaves out what makes no sense and what it does not know, and falls back where it has to", () => {
    expect(search.parse({ q: 5, open: "perhaps", order: ["newest"], range: "2w", other: "x" })).toStrictEqual(
      {
        range: "7d",
      },
    );
    expect(search.parse(undefined)).toStrictEqual({ range: "7d" });
  });

  it("takes digits as text where text is meant", () => {
    expect(search.parse({ token: 123 }).token).toBe("123");
  });

  it("does not take a property every object has for a choice", () => {
    expect(search.parse({ order: "toString" })).toStrictEqual({ range: "7d" });
  });
});
