import { describe, expect, it } from "vitest";
import { type DiffLine, diffLines, shorten } from "./diff";

const plain = (lines: DiffLine[]) =>
  lines.map(({ kind, text }) => `${kind === "same" ? " " : kind === "added" ? "+" : "-"}${text}`);

describe("the difference of two texts", () => {
  it("is the lines that are gone and those that are new", () => {
    expect(plain(diffLines("Shoes\nIn stock\nAdd to basket\nFooter", "Shoes\nSold out\nFooter"))).toEqual([
      " Shoes",
      "-In stock",
      "-Add to basket",
      "+Sold out",
      " Footer",
    ]);
  });

  it("finds lines again that moved past others", () => {
    expect(plain(diffLines("a\nb\nc\nd", "a\nc\nd\nb"))).toEqual([" a", "-b", " c", " d", "+b"]);
  });

  it("is nothing where only white space differs", () => {
    expect(diffLines(" a  b\n\nc", "a b\nc \n").every(({ kind }) => kind === "same")).toBe(true);
  });

  it("does not count a line twice that is first and last", () => {
    expect(plain(diffLines("a", "a\na"))).toEqual([" a", "+a"]);
    expect(plain(diffLines("a\na", "a"))).toEqual([" a", "-a"]);
  });

  it("has everything of a page that was empty before", () => {
    expect(plain(diffLines("", "a\nb"))).toEqual(["+a", "+b"]);
  });

  it("stays quick with pages of very many lines", () => {
    const lines = (word: string) =>
      Array.from({ length: 3_000 }, (_, index) => `${word} ${index}`).join("\n");
    expect(diffLines(lines("a"), lines("b"))).toHaveLength(6_000);
  });
});

describe("a shortened difference", () => {
  it("leaves out what is far from any change, and says how much", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7"];
    const after = [...before.slice(0, 6), "new", "7"];
    expect(shorten(diffLines(before.join("\n"), after.join("\n")), 1)).toEqual([
      { kind: "skipped", count: 5 },
      { kind: "same", text: "6" },
      { kind: "added", text: "new" },
      { kind: "same", text: "7" },
    ]);
  });

  it("is one note where nothing changed", () => {
    expect(shorten(diffLines("a\nb", "a\nb"))).toEqual([{ kind: "skipped", count: 2 }]);
    expect(shorten([])).toEqual([]);
  });
});
