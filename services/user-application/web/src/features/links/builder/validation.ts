import { countryName } from "@/features/countries/countries";
import { minorOf } from "../click-value";
import { withScheme } from "./url";
import type { LinkValues } from "./values";
import type { Backup } from "./watch-values";

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

/** What is plainly wrong with a backup of these destinations, or null; `before` it come these others. */
function backupProblem(text: string, primaries: readonly string[], before: readonly string[]): string | null {
  if (text.trim() === "") return "Enter an address, or remove this backup.";
  const url = withScheme(text);
  const is = (other: string) => other.trim() !== "" && withScheme(other) === url;
  if (primaries.some(is)) return "A destination cannot be its own backup. Enter another address.";
  if (before.some(is)) return "This backup is in the list already. Remove one of them.";
  return destinationProblem(text);
}

/** What is wrong with what a click is worth, or null; empty means that it has no value. */
export function worthProblem(text: string, currency: string): string | null {
  if (text.trim() === "") return null;
  const minor = minorOf(text, currency.trim().toUpperCase());
  if (minor === null) return "Enter an amount, for example 2.50.";
  return minor === 0 ? "Enter more than nothing, or leave it empty." : null;
}

/** Checks the whole form as far as the browser can; an empty answer means it may be sent. */
export function validate(values: LinkValues): FieldErrors {
  const errors: FieldErrors = {};
  const report = (field: string, problem: string | null) => {
    if (problem !== null) errors[field] = problem;
  };
  report("url", destinationProblem(values.url));
  report("key", keyProblem(values.key));
  const reportBackups = (list: string, backups: readonly Backup[], primaries: readonly string[]) => {
    backups.forEach(({ url }, index) => {
      const before = backups.slice(0, index).map((backup) => backup.url);
      report(`${list}[${index}].url`, backupProblem(url, primaries, before));
    });
  };
  reportBackups("backups", values.backups, [values.url]);
  values.rules.forEach(({ backups }, index) => {
    // Which destinations a rule has is not in the form: the API says when one of them is its own backup.
    reportBackups(`rules[${index}].backups`, backups, []);
  });
  report("worth", worthProblem(values.worth, values.currency));
  if (values.worth.trim() !== "" && !/^[A-Za-z]{3}$/.test(values.currency.trim()))
    report("currency", "Use three letters, such as EUR.");
  const seen = new Set<string>();
  values.rows.forEach((row, index) => {
    if (row.country === "") {
      const blank = row.url.trim() === "" && row.backups.length === 0;
      report(`rows[${index}].country`, blank ? "Choose a country, or remove this row." : "Choose a country.");
      if (blank) return;
    }
    if (row.country !== "" && seen.has(row.country)) {
      report(`rows[${index}].country`, `${countryName(row.country)} already has a destination above.`);
    }
    seen.add(row.country);
    report(`rows[${index}].url`, destinationProblem(row.url));
    reportBackups(`rows[${index}].backups`, row.backups, [row.url]);
  });
  return errors;
}
