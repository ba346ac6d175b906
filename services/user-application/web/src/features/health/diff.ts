/** A line of a page's text, and whether it is new, gone, or in both. */
export type DiffLine = { kind: "same" | "added" | "removed"; text: string };

/** What is shown of a comparison: lines, and how many that are in both were left out between them. */
export type DiffPart = DiffLine | { kind: "skipped"; count: number };

/** More lines than this are not compared one by one: it would take longer than anybody reads. */
const most = 2_000;

const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");

/**
 * What differs between two texts, line by line: as few lines gone and new as possible, gone before new. Lines that differ
 * in white space only are the same.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end += 1;
  const middle = compare(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [...a.slice(0, start).map(same), ...middle, ...a.slice(a.length - end).map(same)];
}

function compare(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length > most || b.length > most) return [...a.map(removed), ...b.map(added)];
  // common[i][j]: how many lines a from i and b from j have in common, in order.
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ kind: "same", text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(left));
      i += 1;
    } else if (right !== undefined) {
      lines.push(added(right));
      j += 1;
    }
  }
  return lines;
}

/** Only what changed, with some lines around it to find it by. */
export function shorten(lines: readonly DiffLine[], around = 2): DiffPart[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== "same"),
  );
  const parts: DiffPart[] = [];
  lines.forEach((line, index) => {
    if (near[index]) {
      parts.push(line);
      return;
    }
    const last = parts.at(-1);
    if (last?.kind === "skipped") last.count += 1;
    else parts.push({ kind: "skipped", count: 1 });
  });
  return parts;
}
