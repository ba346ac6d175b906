import type { ClickValue, Monitor, Rule } from "@/api/gen";
import { amountText, minorOf } from "../click-value";
import type { ShortLink } from "../link";
import { withScheme } from "./url";

/** A destination that is used while the ones before it are down. The id keeps field and errors together while it is moved. */
export type Backup = { id: string; url: string };

/** What the form says about watching destinations, and about what visitors get while one is down. */
export type WatchValues = {
  backups: Backup[];
  /** One for each rule of the link, in the same order. */
  rules: { backups: Backup[] }[];
  monitored: boolean;
  /** Seconds between two checks; empty lets the service decide. */
  interval: string;
  /** What a click is worth, as typed; empty is no value. */
  worth: string;
  currency: string;
};

/** The most backups one place of a link can have. */
export const mostBackups = 5;

let backups = 0;

export function newBackup(url = ""): Backup {
  backups += 1;
  return { id: `backup-${backups}`, url };
}

export const backupsOf = (urls: readonly string[] | undefined): Backup[] => (urls ?? []).map(newBackup);
const urlsOf = (list: readonly Backup[]): string[] => list.map(({ url }) => withScheme(url));

export function unwatched(): WatchValues {
  return { backups: [], rules: [], monitored: true, interval: "", worth: "", currency: "EUR" };
}

export function watchOf(link: ShortLink): WatchValues {
  const { backupUrls, rules, monitor, clickValue } = link;
  return {
    backups: backupsOf(backupUrls),
    rules: rules.map((rule) => ({ backups: backupsOf(rule.backups) })),
    monitored: monitor.enabled ?? true,
    interval: monitor.interval ? String(monitor.interval) : "",
    worth: clickValue ? amountText(clickValue) : "",
    currency: clickValue?.currency ?? "EUR",
  };
}

/** The rules of a link with the backups the form gives them. */
function rulesWith(rules: readonly Rule[], values: Pick<WatchValues, "rules">): Rule[] {
  return rules.map((rule, index) => {
    const { backups: _, ...rest } = rule;
    const urls = urlsOf(values.rules[index]?.backups ?? []);
    return urls.length > 0 ? { ...rest, backups: urls } : rest;
  });
}

export type WatchInput = {
  backupUrls?: string[];
  geoBackupUrls?: Record<string, string[]> | null;
  rules?: Rule[];
  monitor?: Monitor;
  clickValue?: ClickValue | null;
};

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What of it the API is to be told: whatever is not so already. `rows` are the countries with a destination of their own. */
export function watchInput(
  values: WatchValues & { rows: readonly { country: string; backups: readonly Backup[] }[] },
  given: { link?: ShortLink | undefined; rules: readonly Rule[] },
): WatchInput {
  const before = given.link ? watchOf(given.link) : unwatched();
  const input: WatchInput = {};
  const urls = urlsOf(values.backups);
  if (!same(urls, urlsOf(before.backups))) input.backupUrls = urls;

  const byCountry = values.rows.flatMap(({ country, backups: list }) =>
    list.length > 0 ? [[country, urlsOf(list)] as const] : [],
  );
  const sorted = (entries: readonly (readonly [string, string[]])[]) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  if (!same(sorted(byCountry), sorted(Object.entries(given.link?.geoBackupUrls ?? {})))) {
    input.geoBackupUrls = byCountry.length > 0 ? Object.fromEntries(byCountry) : null;
  }

  const rules = rulesWith(given.rules, values);
  const were = given.link ? rulesWith(given.link.rules, before) : [];
  if (!same(rules, were)) input.rules = rules;

  if (values.monitored !== before.monitored || values.interval !== before.interval) {
    // Phrases are not in the form: they stay what they are.
    const { phrases } = given.link?.monitor ?? {};
    const interval = values.interval === "" ? null : Number(values.interval);
    input.monitor = { enabled: values.monitored, interval, ...(phrases ? { phrases } : {}) };
  }

  const value = clickValueOf(values);
  if (!same(value, clickValueOf(before))) input.clickValue = value;
  return input;
}

function clickValueOf({ worth, currency }: Pick<WatchValues, "worth" | "currency">): ClickValue | null {
  const code = currency.trim().toUpperCase();
  const minor = minorOf(worth, code);
  return minor ? { minor, currency: code } : null;
}
