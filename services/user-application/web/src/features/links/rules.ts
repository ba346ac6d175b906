import type { Condition, Rule } from "@/api/gen";
import { countries, countryName } from "@/features/countries/countries";

/** Whom a condition is about: the countries it names, or everyone outside of them. */
export type Audience = { except: boolean; codes: string[] };

/** Whether a visitor from this country meets the condition; null is a country that could not be found out. */
function meets(condition: Condition, country: string | null): boolean {
  if ("all" in condition) return condition.all.every((each) => meets(each, country));
  if ("any" in condition) return condition.any.some((each) => meets(each, country));
  if ("not" in condition) return !meets(condition.not, country);
  const named = country !== null && condition.value.includes(country);
  return condition.op === "in" ? named : !named;
}

/** However conditions are nested, all of them are about countries: what they come to is a set of these. */
export function audienceOf(condition: Condition): Audience {
  const except = meets(condition, null);
  return {
    except,
    codes: countries.map(({ code }) => code).filter((code) => meets(condition, code) !== except),
  };
}

const mostNamed = 5;

/** "Germany and Austria", "Everyone except France" */
export function audienceName({ except, codes }: Audience): string {
  if (codes.length === 0) return except ? "Everyone" : "Nobody";
  const named = codes.slice(0, codes.length === mostNamed + 1 ? codes.length : mostNamed).map(countryName);
  const rest = codes.length - named.length;
  const list = new Intl.ListFormat("en-GB").format(rest > 0 ? [...named, `${rest} more`] : named);
  return except ? `Everyone except ${list}` : list;
}

/** Where a rule leads, each with the percentage of the rule's visitors who go there; null when all of them do. */
export function sharesOf(rule: Rule): { url: string; percent: number | null }[] {
  const weights = rule.destinations.map(({ weight = 1 }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return rule.destinations.map(({ url }, index) => ({
    url,
    percent: rule.destinations.length === 1 ? null : Math.round(((weights[index] ?? 0) / total) * 100),
  }));
}

/** "1 rule", "2 rules" */
export function countRules(count: number): string {
  return count === 1 ? "1 rule" : `${count} rules`;
}
