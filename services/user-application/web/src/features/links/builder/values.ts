import type { Rule } from "@/api/gen";
import type { ShortLink } from "../link";
import { withScheme } from "./url";
import {
  type Backup,
  backupsOf,
  unwatched,
  type WatchInput,
  type WatchValues,
  watchInput,
  watchOf,
} from "./watch-values";

/** One "visitors from this country go here" row. The id keeps the row's fields and errors together while rows come and go. */
export type CountryRow = { id: string; country: string; url: string; backups: Backup[] };

/** What the form holds: text as typed, nothing parsed yet. */
export type LinkValues = {
  url: string;
  rows: CountryRow[];
  domain: string;
  key: string;
  title: string;
  comments: string;
} & WatchValues;

/** What the API is asked to store; null clears a field. */
export type LinkInput = {
  url: string;
  geo: Record<string, string> | null;
  domain?: string;
  key?: string;
  title: string | null;
  comments: string | null;
} & WatchInput;

let rows = 0;

/** A new row; ids only need to differ within the page. */
export function newRow(country = "", url = "", backups: readonly string[] = []): CountryRow {
  rows += 1;
  return { id: `row-${rows}`, country, url, backups: backupsOf(backups) };
}

export function emptyValues(domain = ""): LinkValues {
  return { url: "", rows: [], domain, key: "", title: "", comments: "", ...unwatched() };
}

export function valuesOf(link: ShortLink): LinkValues {
  return {
    url: link.url,
    rows: Object.entries(link.geo ?? {}).map(([country, url]) =>
      newRow(country, url, link.geoBackupUrls?.[country]),
    ),
    domain: link.domain,
    key: link.key,
    title: link.title ?? "",
    comments: link.comments ?? "",
    ...watchOf(link),
  };
}

/** A copy of a link to start a new one from: everything but the slug, which only one link can have. */
export function valuesForCopy(link: ShortLink): LinkValues {
  return { ...valuesOf(link), key: "", title: link.title ? `${link.title} (copy)` : "" };
}

/** True while nothing was typed that would be a loss. */
export function isBlank(values: LinkValues): boolean {
  const { url, key, title, comments, worth, backups } = values;
  const typed = [url, key, title, comments, worth, ...backups.map((backup) => backup.url)];
  return typed.every((text) => text.trim() === "") && filledRows(values).length === 0;
}

/** Compares what the fields say, not the ids of rows. */
export function sameValues(a: LinkValues, b: LinkValues): boolean {
  const plain = (values: LinkValues) =>
    JSON.stringify(values, (name, value) => (name === "id" ? undefined : value));
  return plain(a) === plain(b);
}

/** Rows in which nothing was chosen or typed are not meant. */
export function filledRows(values: LinkValues): CountryRow[] {
  return values.rows.filter((row) => row.country !== "" || row.url.trim() !== "" || row.backups.length > 0);
}

/** What to send for these values, `given` the link they change and the rules it has or is to get. */
export function inputOf(
  values: LinkValues,
  given: { link?: ShortLink | undefined; rules: readonly Rule[] } = { rules: [] },
): LinkInput {
  const rows = filledRows(values);
  const targets = rows.map((row) => [row.country, withScheme(row.url)] as const);
  const key = values.key.trim();
  return {
    url: withScheme(values.url),
    geo: targets.length > 0 ? Object.fromEntries(targets) : null,
    ...(values.domain ? { domain: values.domain } : {}),
    ...(key ? { key } : {}),
    title: values.title.trim() || null,
    comments: values.comments.trim() || null,
    ...watchInput({ ...values, rows }, given),
  };
}
