import { ArrowUpRight, Globe } from "lucide-react";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { countriesOf, displayUrl, type ShortLink } from "./link";

/** Where visitors go: each country with a destination of its own, then everyone else. */
export function DestinationsCard({ link }: { link: ShortLink }) {
  const codes = countriesOf(link);
  return (
    <Card className="gap-3">
      <CardHeader>
        <CardTitle>Who goes where</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-3">
        {link.rules.length > 0 && (
          <p className="text-muted-foreground text-sm">
            {link.rules.length === 1 ? "One rule" : `${link.rules.length} rules`} set through the API come
            before these.
          </p>
        )}
        <dl className="grid gap-x-10 lg:grid-cols-2">
          {codes.map((code) => (
            <Destination key={code} url={link.geo?.[code] ?? ""} name={countryName(code)} code={code} />
          ))}
          <Destination url={link.url} name={codes.length > 0 ? "Everyone else" : "Everyone"} />
        </dl>
        {link.comments && (
          <p className="whitespace-pre-wrap border-l-2 pl-3 text-muted-foreground text-sm">{link.comments}</p>
        )}
      </CardContent>
    </Card>
  );
}

function Destination({ url, name, code }: { url: string; name: string; code?: string }) {
  return (
    <div className="grid min-w-0 grid-cols-[1.75rem_minmax(0,1fr)] items-center gap-x-2.5 gap-y-0.5 py-1.5 text-sm sm:grid-cols-[1.75rem_8rem_minmax(0,1fr)]">
      {code ? (
        <CountryFlag code={code} />
      ) : (
        <Globe className="mx-auto size-4 text-muted-foreground" aria-hidden="true" />
      )}
      <dt className="truncate">{name}</dt>
      <dd className="col-start-2 min-w-0 sm:col-start-3">
        <a
          href={url}
          target="_blank"
          rel="noreferrer"
          title={url}
          className="focus-ring inline-flex max-w-full items-center gap-1 rounded-sm font-medium underline-offset-4 hover:underline"
        >
          <span className="truncate">{displayUrl(url)}</span>
          <ArrowUpRight className="size-3.5 shrink-0 text-muted-foreground" aria-hidden="true" />
        </a>
      </dd>
    </div>
  );
}
