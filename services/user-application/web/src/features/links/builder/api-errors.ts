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

/**
 * Puts each error of the API at the field it speaks of.
 *
 * Paths name the request (`url`, `key`, `geo.DE`); the form has rows instead of a map, so `geo.DE` becomes the row of Germany.
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
  const country = /^geo[.[]["']?([A-Za-z]{2})["']?\]?$/.exec(path)?.[1]?.toUpperCase();
  if (country === undefined) return null;
  const index = values.rows.findIndex((row) => row.country === country);
  return index === -1 ? null : `rows[${index}].url`;
}
