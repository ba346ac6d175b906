/** A piece of a text, and the number of the evidence it is, if it is one. */
export type Piece = { text: string; evidence: number | null };

/** Some characters have a meaning in a pattern. */
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Cuts a page's text into what decided and what lies between. The evidence is quoted from the same page, but its white space
 * may differ, its end may be cut off with "…", and pieces may lie within one another: the first that is found stands.
 * Evidence that is only part of a word is none: "out" is not in "about".
 */
export function highlight(text: string, evidence: readonly string[]): Piece[] {
  const marks: { start: number; end: number; evidence: number }[] = [];
  evidence.forEach((quoted, index) => {
    const words = quoted
      .replace(/(?:…|\.\.\.)$/, "")
      .trim()
      .split(/\s+/)
      .filter(Boolean);
    if (words.length === 0) return;
    const cut = /(?:…|\.\.\.)$/.test(quoted);
    const edge = "[\\p{L}\\p{N}]";
    const pattern = `(?<!${edge})${words.map(escaped).join("\\s+")}${cut ? "" : `(?!${edge})`}`;
    for (const found of text.matchAll(new RegExp(pattern, "giu"))) {
      const [start, end] = [found.index, found.index + found[0].length];
      if (marks.every((mark) => end <= mark.start || start >= mark.end))
        marks.push({ start, end, evidence: index });
    }
  });
  marks.sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let from = 0;
  for (const mark of marks) {
    if (mark.start > from) pieces.push({ text: text.slice(from, mark.start), evidence: null });
    pieces.push({ text: text.slice(mark.start, mark.end), evidence: mark.evidence });
    from = mark.end;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), evidence: null });
  return pieces;
}
