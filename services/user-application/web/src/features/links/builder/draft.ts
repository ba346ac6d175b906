import { z } from "zod/mini";
import { isBlank, type LinkValues, newRow } from "./values";
import { backupsOf } from "./watch-values";

const backups = z._default(z.array(z.object({ url: z.string() })), []);

const schema = z.object({
  savedAt: z.number(),
  values: z.object({
    url: z.string(),
    rows: z.array(z.object({ country: z.string(), url: z.string(), backups })),
    domain: z.string(),
    key: z.string(),
    title: z.string(),
    comments: z.string(),
    backups,
    monitored: z._default(z.boolean(), true),
    interval: z._default(z.string(), ""),
    worth: z._default(z.string(), ""),
    currency: z._default(z.string(), "EUR"),
  }),
});

export type Draft = { savedAt: number; values: LinkValues };

/** A draft older than this is forgotten: nobody remembers what it was for. */
const longest = 14 * 24 * 3_600_000;

const keyOf = (workspace: string) => `hashroute.link-draft.${workspace}`;

/** Keeps what was typed into the form of a new link on this device. Blank forms leave nothing behind. */
export function saveDraft(workspace: string, values: LinkValues, now: number): void {
  if (isBlank(values)) {
    discardDraft(workspace);
    return;
  }
  try {
    localStorage.setItem(keyOf(workspace), JSON.stringify({ savedAt: now, values }));
  } catch {
    // Storage is full or blocked: the form works all the same, without a draft.
  }
}

/** The draft of a workspace, or null when there is none that can be read. */
export function loadDraft(workspace: string, now: number): Draft | null {
  try {
    const stored = localStorage.getItem(keyOf(workspace));
    if (stored === null) return null;
    const { savedAt, values } = schema.parse(JSON.parse(stored));
    const urls = (list: readonly { url: string }[]) => list.map(({ url }) => url);
    const restored: LinkValues = {
      ...values,
      rows: values.rows.map((row) => newRow(row.country, row.url, urls(row.backups))),
      backups: backupsOf(urls(values.backups)),
      // Only copies have rules, and copies keep no draft.
      rules: [],
    };
    return now - savedAt > longest || isBlank(restored) ? null : { savedAt, values: restored };
  } catch {
    return null;
  }
}

export function discardDraft(workspace: string): void {
  try {
    localStorage.removeItem(keyOf(workspace));
  } catch {
    // Storage is blocked: then there is no draft either.
  }
}
