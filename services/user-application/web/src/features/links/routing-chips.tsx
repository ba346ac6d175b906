import { Badge } from "@/components/ui/badge";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { countriesOf, type ShortLink } from "./link";
import { countRules } from "./rules";

const most = 4;

type Routed = Pick<ShortLink, "geo" | "rules">;

/** Whether anybody goes elsewhere than to the link's own destination. */
export function isRouted(link: Routed): boolean {
  return link.rules.length > 0 || countriesOf(link).length > 0;
}

/** What sends visitors elsewhere: the rules as a number, the first few countries as flags, all of them by name for screen readers. */
export function RoutingChips({ link }: { link: Routed }) {
  const codes = countriesOf(link);
  const rules = link.rules.length;
  if (!isRouted(link)) return <span className="text-muted-foreground text-xs">All countries</span>;
  const names = codes.map(countryName).join(", ");
  const shown = rules > 0 ? most - 2 : most;
  const rest = codes.length - shown;
  return (
    <span className="inline-flex items-center gap-1" title={names || undefined}>
      {rules > 0 && (
        <Badge variant="outline" className="mr-0.5 px-1.5 text-[0.6875rem] text-muted-foreground">
          {countRules(rules)}
        </Badge>
      )}
      {codes.length > 0 && (
        <span className="sr-only">
          {codes.length === 1 ? "1 country: " : `${codes.length} countries: `}
          {names}
        </span>
      )}
      {codes.slice(0, rest === 1 ? shown + 1 : shown).map((code) => (
        <CountryFlag key={code} code={code} />
      ))}
      {rest > 1 && (
        <span aria-hidden="true" className="px-0.5 font-medium text-muted-foreground text-xs tabular-nums">
          +{rest}
        </span>
      )}
    </span>
  );
}
