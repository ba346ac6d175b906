import { describe, expect, it } from "vitest";
import { highlight } from "./highlight";

const marked = (text: string, evidence: string[]) =>
  highlight(text, evidence)
    .map((piece) => (piece.evidence === null ? piece.text : `[${piece.evidence}:${piece.text}]`))
    .join("");

describe("evidence in a page's text", () => {
  it("is found wherever it is, in capitals or not", () => {
    expect(marked("Shoes\nSold out\nThis is SOLD OUT.", ["sold out"])).toBe(
      "Shoes\n[0:Sold out]\nThis is [0:SOLD OUT].",
    );
  });

  it("may have other white space than the page", () => {
    expect(marked("Sold\n   out", ["Sold out"])).toBe("[0:Sold\n   out]");
  });

  it("is whole words", () => {
    expect(marked("About us, out now", ["out"])).toBe("About us, [0:out] now");
    expect(marked("unverfügbar, verfügbar", ["verfügbar"])).toBe("unverfügbar, [0:verfügbar]");
  });

  it("may be cut off at its end", () => {
    expect(marked("Currently unavailable", ["Currently unavail…"])).toBe("[0:Currently unavail]able");
  });

  it("takes what it quotes by the letter", () => {
    expect(marked("Only (0) left. Only 0 left", ["Only (0) left."])).toBe("[0:Only (0) left.] Only 0 left");
  });

  it("is marked once where several say the same", () => {
    expect(marked("Sold out today", ["Sold out", "out today", "today"])).toBe("[0:Sold out] [2:today]");
  });

  it("leaves a text alone in which there is none, and keeps every character", () => {
    expect(marked("Nothing here", ["sold out", "", "…"])).toBe("Nothing here");
    expect(highlight("", ["a"])).toEqual([]);
  });
});
