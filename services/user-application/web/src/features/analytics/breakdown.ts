/** One row of a breakdown: what it is called in the API's answer, and its clicks. */
export type Entry = { value: string; clicks: number };

/** Names the API gives to clicks that lack the information. */
const unknown = new Set(["", "unknown", "(unknown)", "other"]);

/** How a value is shown: the API's words for "no referer" and "not known" become plain ones. */
export function entryLabel(value: string): string {
  if (value === "(direct)") return "Direct, e-mail or app";
  return unknown.has(value.toLowerCase()) ? "Unknown" : value;
}
