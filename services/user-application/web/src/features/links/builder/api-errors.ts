import type { FieldErrors } from "./validation";
import type { LinkValues } from "./values";

/** The part of the API's error envelope the form needs. */
export type ApiProblem = {
  code: string;
  message: string;
  errors: readonly { path: string; message: string }[];
};

export type MappedErrors = {
  fields: FieldErrors;
  /** What belongs to no field of the form, to be shown above the buttons. */
  form: string | null;
};

const plain = new Set(["url", "key", "domain", "title", "comments"]);

/** Paths of the API whose fields have another name in the form. */
const renamed: Readonly<Record<string, string>> = {
  "monitor.interval": "interval",
  "clickValue.minor": "worth",
  "clickValue.currency": "currency",
};

const country = `[.[]["']?([A-Za-z]{2})["']?\\]?`;
const geo = new RegExp(`^geo${country}$`);
const geoBackup = new RegExp(`^geoBackupUrls${country}\\[(\\d+)\\]$`);
const backup = /^backupUrls\[(\d+)\]$/;
const ruleBackup = /^rules\[(\d+)\]\.backups\[(\d+)\]$/;

/**
 * Puts each error of the API at the field it speaks of.
 *
 * Paths name the request (`url`, `key`, `geo.DE`, `geoBackupUrls.DE[0]`); the form has rows instead of maps, so `geo.DE` becomes
 * the row of Germany.
 * An error about a country without a row, or about a field the form does not show, is said above the buttons: none gets lost.
 */
export function mapApiErrors(problem: ApiProblem, values: LinkValues): MappedErrors {
  const fields: FieldErrors = {};
  const rest: string[] = [];
  for (const { path, message } of problem.errors) {
    const field = fieldOf(path, values);
    if (field === null) rest.push(message);
    else fields[field] ??= message;
  }
  // A slug taken by another link is a conflict without a path when nothing else can be meant.
  if (problem.errors.length === 0 && problem.code === "conflict" && values.key.trim() !== "") {
    return { fields: { key: problem.message }, form: null };
  }
  if (rest.length > 0) return { fields, form: rest.join(" ") };
  return { fields, form: Object.keys(fields).length > 0 ? null : problem.message };
}

function fieldOf(path: string, values: LinkValues): string | null {
  if (plain.has(path)) return path;
  if (renamed[path]) return renamed[path];
  const own = backup.exec(path);
  if (own) return known(`backups[${own[1]}].url`, values.backups[Number(own[1])]);
  const ruled = ruleBackup.exec(path);
  if (ruled) {
    const list = values.rules[Number(ruled[1])]?.backups;
    return known(`rules[${ruled[1]}].backups[${ruled[2]}].url`, list?.[Number(ruled[2])]);
  }
  const [, code = "", at] = geo.exec(path) ?? geoBackup.exec(path) ?? [];
  // Rows that were left empty are not sent, but keep their place in the form.
  const index = values.rows.findIndex((row) => code !== "" && row.country === code.toUpperCase());
  if (index === -1) return null;
  if (at === undefined) return `rows[${index}].url`;
  return known(`rows[${index}].backups[${at}].url`, values.rows[index]?.backups[Number(at)]);
}

/** The field, if the form has it. */
function known(field: string, value: unknown): string | null {
  return value === undefined ? null : field;
}
