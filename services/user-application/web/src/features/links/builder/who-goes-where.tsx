import { ArrowRight, Globe } from "lucide-react";
import type { ReactNode } from "react";
import type { Rule } from "@/api/gen";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { displayUrl } from "../link";
import { audienceName, audienceOf, sharesOf } from "../rules";
import { readableUrl } from "./url";
import { filledRows, type LinkValues } from "./values";

/** What the form means so far, in words: the rules it leaves alone, each country and where its visitors go, then everybody else. */
export function WhoGoesWhere({ values, rules }: { values: LinkValues; rules: readonly Rule[] }) {
  const rows = filledRows(values).filter((row) => row.country !== "");
  const others = rows.length > 0 || rules.length > 0;
  return (
    <section aria-labelledby="who-goes-where" className="grid gap-3 rounded-xl border bg-muted/50 p-4">
      <h3 id="who-goes-where" className="font-medium text-sm">
        Who goes where
      </h3>
      {rules.length > 0 && (
        <>
          <p className="text-muted-foreground text-xs">
            {rules.length === 1
              ? "The rule set through the API comes first and stays as it is."
              : `The ${rules.length} rules set through the API come first and stay as they are.`}
          </p>
          <ol className="grid gap-2 border-b pb-3 text-sm">
            {rules.map((rule, index) => (
              <Way
                // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the order
                key={index}
                from={audienceName(audienceOf(rule.when))}
                sign={
                  <span className="text-center font-mono font-semibold text-muted-foreground text-xs">
                    {index + 1}
                  </span>
                }
                to={sharesOf(rule)
                  .map(({ url, percent }) => `${percent === null ? "" : `${percent}% `}${displayUrl(url)}`)
                  .join(", ")}
              />
            ))}
          </ol>
        </>
      )}
      <ul className="grid gap-2 text-sm" aria-live="polite">
        {rows.map((row) => (
          <Way
            key={row.id}
            from={countryName(row.country)}
            sign={<CountryFlag code={row.country} />}
            to={readableUrl(row.url)}
          />
        ))}
        <Way
          from={others ? "Everyone else" : "Everyone"}
          sign={<Globe className="mx-auto size-4 text-muted-foreground" aria-hidden="true" />}
          to={readableUrl(values.url)}
        />
      </ul>
    </section>
  );
}

function Way({ from, sign, to }: { from: string; sign: ReactNode; to: string | null }) {
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,9rem)_1rem_minmax(0,1fr)] items-center gap-2">
      {sign}
      <span className="truncate" title={from}>
        {from}
      </span>
      <ArrowRight className="size-3.5 text-muted-foreground" aria-label="go to" />
      {to ? (
        <span className="truncate font-medium" title={to}>
          {to}
        </span>
      ) : (
        <span className="truncate text-muted-foreground">no destination yet</span>
      )}
    </li>
  );
}
