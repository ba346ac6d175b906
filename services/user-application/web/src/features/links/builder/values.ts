import { displayUrl, type ShortLink } from "../link";

/** One "visitors from this country go here" row. The id keeps the row's fields and errors together while rows come and go. */
export type CountryRow = { id: string; country: string; url: string };

/** What the form holds: text as typed, nothing parsed yet. */
export type LinkValues = {
  url: string;
  rows: CountryRow[];
  domain: string;
  key: string;
  title: string;
  comments: string;
};

/** What the API is asked to store; null clears a field. */
export type LinkInput = {
  url: string;
  geo: Record<string, string> | null;
  domain?: string;
  key?: string;
  title: string | null;
  comments: string | null;
};

let rows = 0;

/** A new row; ids only need to differ within the page. */
export function newRow(country = "", url = ""): CountryRow {
  rows += 1;
  return { id: `row-${rows}`, country, url };
}

export function emptyValues(domain = ""): LinkValues {
  return { url: "", rows: [], domain, key: "", title: "", comments: "" };
}

export function valuesOf(link: ShortLink): LinkValues {
  return {
    url: link.url,
    rows: Object.entries(link.geo ?? {}).map(([country, url]) => newRow(country, url)),
    domain: link.domain,
    key: link.key,
    title: link.title ?? "",
    comments: link.comments ?? "",
  };
}

/** A copy of a link to start a new one from: everything but the slug, which only one link can have. */
export function valuesForCopy(link: ShortLink): LinkValues {
  return { ...valuesOf(link), key: "", title: link.title ? `${link.title} (copy)` : "" };
}

/** True while nothing was typed that would be a loss. */
export function isBlank(values: LinkValues): boolean {
  const typed = [values.url, values.key, values.title, values.comments];
  return (
    typed.every((text) => text.trim() === "") &&
    values.rows.every((row) => row.country === "" && row.url.trim() === "")
  );
}

/** Compares what the fields say, not the ids of rows. */
export function sameValues(a: LinkValues, b: LinkValues): boolean {
  const plain = ({ rows, ...rest }: LinkValues) =>
    JSON.stringify({ ...rest, rows: rows.map(({ country, url }) => [country, url]) });
  return plain(a) === plain(b);
}

/** Rows in which nothing was chosen or typed are not meant. */
export function filledRows(values: LinkValues): CountryRow[] {
  return values.rows.filter((row) => row.country !== "" || row.url.trim() !== "");
}

export function inputOf(values: LinkValues): LinkInput {
  const targets = filledRows(values).map((row) => [row.country, withScheme(row.url)] as const);
  const key = values.key.trim();
  return {
    url: withScheme(values.url),
    geo: targets.length > 0 ? Object.fromEntries(targets) : null,
    ...(values.domain ? { domain: values.domain } : {}),
    ...(key ? { key } : {}),
    title: values.title.trim() || null,
    comments: values.comments.trim() || null,
  };
}

/**
 * Adds `https://` to an address typed without a scheme ("example.com/offer").
 *
 * Text that already names a scheme is left alone, and so is text that does not look like a host: the form says what is wrong with it.
 */
export function withScheme(text: string): string {
  const url = text.trim();
  return /^[\p{Letter}\p{Number}][\p{Letter}\p{Number}-]*(\.[\p{Letter}\p{Number}-]+)+(:\d+)?([/?#].*)?$/u.test(
    url,
  )
    ? `https://${url}`
    : url;
}

/** An address as people know it, without scheme and "www.", or null while it is not an address yet. */
export function readableUrl(text: string): string | null {
  const url = withScheme(text);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  return displayUrl(url);
}
