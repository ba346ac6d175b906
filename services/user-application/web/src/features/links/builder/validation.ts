import { countryName } from "@/features/countries/countries";
import { type LinkValues, withScheme } from "./values";

/** Names of fields as the form addresses them, for example `url`, `key` or `rows[2].url`. */
export type FieldErrors = Record<string, string>;

const longestKey = 190;

/**
 * What is plainly wrong with a destination, or null.
 *
 * These are hints that save a round trip. The API decides: it also knows which hosts are private and which are this service's own.
 */
export function destinationProblem(text: string): string | null {
  const url = withScheme(text);
  if (url === "") return "Enter the address visitors should be sent to.";
  if (/\s/.test(url)) return "Remove the spaces from this address.";
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return "Enter a full address, for example https://example.com/offer.";
  if (scheme !== "http" && scheme !== "https")
    return `Links can lead to http and https addresses, not to ${scheme}: ones.`;
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) return "This address has no valid host name.";
  const { username, password } = new URL(url);
  if (username || password)
    return "Remove the user name and password from this address: every visitor would see them.";
  return null;
}

/** What is wrong with a custom slug, or null; an empty one means "choose one for me". */
export function keyProblem(text: string): string | null {
  const key = text.trim();
  if (key === "." || key === "..") return `Browsers drop “${key}” from addresses. Choose another slug.`;
  if (key.length > longestKey) return `Use at most ${longestKey} characters.`;
  const refused = /[^A-Za-z0-9_\-.~]/.exec(key)?.[0];
  if (refused === undefined) return null;
  if (refused === "/") return "A slug is one piece: leave out the slash.";
  if (/\s/.test(refused)) return "Use a hyphen instead of a space.";
  return `“${refused}” cannot be used. Use letters, digits, and - _ . ~`;
}

/** Checks the whole form as far as the browser can; an empty answer means it may be sent. */
export function validate(values: LinkValues): FieldErrors {
  const errors: FieldErrors = {};
  const report = (field: string, problem: string | null) => {
    if (problem !== null) errors[field] = problem;
  };
  report("url", destinationProblem(values.url));
  report("key", keyProblem(values.key));
  const seen = new Set<string>();
  values.rows.forEach((row, index) => {
    if (row.country === "") {
      const blank = row.url.trim() === "";
      report(`rows[${index}].country`, blank ? "Choose a country, or remove this row." : "Choose a country.");
      if (blank) return;
    }
    if (row.country !== "" && seen.has(row.country)) {
      report(`rows[${index}].country`, `${countryName(row.country)} already has a destination above.`);
    }
    seen.add(row.country);
    report(`rows[${index}].url`, destinationProblem(row.url));
  });
  return errors;
}
