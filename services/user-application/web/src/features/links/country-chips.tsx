import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { countriesOf, type ShortLink } from "./link";

const most = 4;

/** The countries with a destination of their own: the first few as flags, all of them by name for screen readers. */
export function CountryChips({ link }: { link: Pick<ShortLink, "geo"> }) {
  const codes = countriesOf(link);
  if (codes.length === 0) return <span className="text-muted-foreground text-xs">All countries</span>;
  const names = codes.map(countryName).join(", ");
  const rest = codes.length - most;
  return (
    <span className="inline-flex items-center gap-1" title={names}>
      <span className="sr-only">
        {codes.length === 1 ? "1 country: " : `${codes.length} countries: `}
        {names}
      </span>
      {codes.slice(0, rest === 1 ? most + 1 : most).map((code) => (
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
