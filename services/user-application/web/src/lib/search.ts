/** Reads one value of an address's query; what makes no sense is the fallback instead of failing the page. */
type Reader<T> = (value: unknown) => T;

type Shape = Record<string, Reader<unknown>>;

/** Values that may be left out where a link is made: all that have a fallback, which is every one. */
type Asked<S extends Shape> = { [Name in keyof S]?: ReturnType<S[Name]> | undefined };

type OptionalName<S extends Shape> = {
  [Name in keyof S]: undefined extends ReturnType<S[Name]> ? Name : never;
}[keyof S];

type Found<S extends Shape> = { [Name in Exclude<keyof S, OptionalName<S>>]: ReturnType<S[Name]> } & {
  [Name in OptionalName<S>]?: ReturnType<S[Name]> | undefined;
};

export const text: Reader<string | undefined> = (value) => (typeof value === "string" ? value : undefined);

/** Text that may consist of digits only, which the router reads as a number. */
export const textOrDigits: Reader<string | undefined> = (value) =>
  typeof value === "number" ? String(value) : text(value);

/** Set or not, in both spellings: `?new=true` and `?new=1`. */
export const flag: Reader<true | 1 | undefined> = (value) =>
  value === true || value === 1 ? value : undefined;

export function choice<const T extends string>(values: readonly T[]): Reader<T | undefined>;
export function choice<const T extends string>(values: readonly T[], fallback: NoInfer<T>): Reader<T>;
export function choice<T extends string>(values: readonly T[], fallback?: T): Reader<T | undefined> {
  return (value) => values.find((known) => known === value) ?? fallback;
}

/**
 * What a route keeps in its address, in the form the router takes. The router reads every route's when it starts: this is
 * a tenth of what a library for schemas weighs.
 */
export function searchOf<S extends Shape>(shape: S) {
  return {
    /** For the compiler only: what links to the route may say, and what the route is given. */
    types: undefined as unknown as { input: Asked<S>; output: Found<S> },
    shape,
    parse(asked: unknown): Found<S> {
      const given = (asked ?? {}) as Record<string, unknown>;
      const found = Object.entries(shape).map(([name, read]) => [name, read(given[name])]);
      return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Found<S>;
    },
  };
}

/** What a route is given of its search. */
export type SearchOf<Schema extends { types: { output: unknown } }> = Schema["types"]["output"];
