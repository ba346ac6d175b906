import { ArrowRight, Globe } from "lucide-react";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { filledRows, type LinkValues, readableUrl } from "./values";

/** What the form means so far, in words: each country and where its visitors go, then everybody else. */
export function WhoGoesWhere({ values, rules }: { values: LinkValues; rules: number }) {
  const rows = filledRows(values).filter((row) => row.country !== "");
  return (
    <section aria-labelledby="who-goes-where" className="grid gap-3 rounded-xl border bg-muted/50 p-4">
      <h3 id="who-goes-where" className="font-medium text-sm">
        Who goes where
      </h3>
      {rules > 0 && (
        <p className="text-muted-foreground text-xs">
          {rules === 1 ? "One rule" : `${rules} rules`} set through the API come first and stay as they are.
        </p>
      )}
      <ul className="grid gap-2 text-sm" aria-live="polite">
        {rows.map((row) => (
          <Way key={row.id} from={countryName(row.country)} code={row.country} to={readableUrl(row.url)} />
        ))}
        <Way from={rows.length > 0 ? "Everyone else" : "Everyone"} to={readableUrl(values.url)} />
      </ul>
    </section>
  );
}

function Way({ from, code, to }: { from: string; code?: string; to: string | null }) {
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,9rem)_1rem_minmax(0,1fr)] items-center gap-2">
      {code ? (
        <CountryFlag code={code} />
      ) : (
        <Globe className="mx-auto size-4 text-muted-foreground" aria-hidden="true" />
      )}
      <span className="truncate">{from}</span>
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
