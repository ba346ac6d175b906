import type { Link } from "@/api/gen";

/** A link as the API answers it; "Link" alone is the router's. */
export type ShortLink = Link;

/** The short address without its scheme, as people read and say it. */
export function displayAddress(link: Pick<ShortLink, "domain" | "key">): string {
  return `${link.domain}/${link.key}`;
}

/** Host and path of a destination without the noise around it. */
export function displayUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname, search, hash } = new URL(url);
  const path = `${pathname}${search}${hash}`;
  return `${host.replace(/^www\./, "")}${path === "/" ? "" : path}`;
}

/** The countries that have a destination of their own, in the order of their codes. */
export function countriesOf(link: Pick<ShortLink, "geo">): string[] {
  return Object.keys(link.geo ?? {}).sort();
}
