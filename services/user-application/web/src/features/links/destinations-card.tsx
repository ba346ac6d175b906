import { ArrowUpRight, ChevronDown, Globe } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { countriesOf, displayUrl, type ShortLink } from "./link";

const firstShown = 11;

/** Where visitors go: each country with a destination of its own, then everyone else. */
export function DestinationsCard({ link }: { link: ShortLink }) {
  const [expanded, setExpanded] = useState(false);
  const codes = countriesOf(link);
  const shown = expanded ? codes : codes.slice(0, firstShown);
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
          {shown.map((code) => (
            <Destination key={code} url={link.geo?.[code] ?? ""} name={countryName(code)} code={code} />
          ))}
          <Destination url={link.url} name={codes.length > 0 ? "Everyone else" : "Everyone"} />
        </dl>
        {codes.length > firstShown && (
          <Button
            variant="ghost"
            size="sm"
            className="-ml-3 justify-self-start text-muted-foreground"
            aria-expanded={expanded}
            onClick={() => setExpanded(!expanded)}
          >
            <ChevronDown className={expanded ? "rotate-180" : undefined} aria-hidden="true" />
            {expanded ? "Show fewer" : `Show all ${codes.length} countries`}
          </Button>
        )}
        {link.comments && (
          <p className="whitespace-pre-wrap border-l-2 pl-3 text-muted-foreground text-sm">{link.comments}</p>
        )}
      </CardContent>
    </Card>
  );
}

function Destination({ url, name, code }: { url: string; name: string; code?: string }) {
  return (
    <div className="grid min-w-0 items-center gap-x-3 gap-y-0.5 py-1.5 text-sm sm:grid-cols-[11rem_minmax(0,1fr)]">
      <dt className="flex min-w-0 items-center gap-2.5">
        {code ? (
          <CountryFlag code={code} />
        ) : (
          <Globe className="mx-1.5 size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
        )}
        <span className="truncate">{name}</span>
      </dt>
      <dd className="min-w-0 pl-9.5 sm:pl-0">
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
