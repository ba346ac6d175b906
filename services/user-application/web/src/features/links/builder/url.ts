import { displayUrl } from "../link";

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
