import { ArrowUpRight, ChevronDown, Globe } from "lucide-react";
import { useState } from "react";
import type { Rule } from "@/api/gen";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import { cn } from "@/lib/utils";
import { countriesOf, displayUrl, type ShortLink } from "./link";
import { audienceName, audienceOf, sharesOf } from "./rules";

const firstShown = 11;

/** Where visitors go: by rules, then by country, then everyone else. */
export function DestinationsCard({ link }: { link: ShortLink }) {
  const [expanded, setExpanded] = useState(false);
  const codes = countriesOf(link);
  const shown = expanded ? codes : codes.slice(0, firstShown);
  const others = codes.length > 0 || link.rules.length > 0;
  return (
    <Card className="gap-3">
      <CardHeader>
        <CardTitle>Who goes where</CardTitle>
      </CardHeader>
      <CardContent
        className={cn("grid gap-3", link.rules.length > 0 ? "[--names:17rem]" : "[--names:11rem]")}
      >
        {link.rules.length > 0 && (
          <section aria-labelledby="rules" className="border-b pb-3">
            <p id="rules" className="mb-1 text-muted-foreground text-sm">
              {link.rules.length === 1
                ? "One rule comes first. It was set through the API."
                : `${link.rules.length} rules come first: the first one that fits decides. They were set through the API.`}
            </p>
            <ol>
              {link.rules.map((rule, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the order
                <RuleItem key={index} rule={rule} number={index + 1} />
              ))}
            </ol>
          </section>
        )}
        <dl className={cn("grid gap-x-10", link.rules.length === 0 && "lg:grid-cols-2")}>
          {shown.map((code) => (
            <Destination key={code} url={link.geo?.[code] ?? ""} name={countryName(code)} code={code} />
          ))}
          <Destination url={link.url} name={others ? "Everyone else" : "Everyone"} />
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

const rowClassName = "grid min-w-0 gap-x-3 gap-y-0.5 py-1.5 text-sm";

function RuleItem({ rule, number }: { rule: Rule; number: number }) {
  return (
    <li className={`${rowClassName} sm:grid-cols-[var(--names)_minmax(0,1fr)]`}>
      <p className="flex min-w-0 gap-2.5">
        <span
          aria-hidden="true"
          className="mt-px grid h-4.5 w-7 shrink-0 place-items-center font-mono font-semibold text-muted-foreground text-xs tabular-nums"
        >
          {number}
        </span>
        <span className="min-w-0 text-pretty">{audienceName(audienceOf(rule.when))}</span>
      </p>
      <ul className="grid min-w-0 gap-y-1 pl-9.5 sm:pl-0">
        {sharesOf(rule).map(({ url, percent }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same destination may be there twice
          <li key={index} className="flex min-w-0 gap-3">
            {percent !== null && (
              <span className="w-9 shrink-0 text-muted-foreground tabular-nums">{percent}%</span>
            )}
            <OutwardLink url={url} />
          </li>
        ))}
      </ul>
    </li>
  );
}

function Destination({ url, name, code }: { url: string; name: string; code?: string }) {
  return (
    <div className={`${rowClassName} items-center sm:grid-cols-[var(--names)_minmax(0,1fr)]`}>
      <dt className="flex min-w-0 items-center gap-2.5">
        {code ? (
          <CountryFlag code={code} />
        ) : (
          <Globe className="mx-1.5 size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
        )}
        <span className="truncate">{name}</span>
      </dt>
      <dd className="min-w-0 pl-9.5 sm:pl-0">
        <OutwardLink url={url} />
      </dd>
    </div>
  );
}

function OutwardLink({ url }: { url: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      title={url}
      className="focus-ring inline-flex min-w-0 max-w-full items-center gap-1 rounded-sm font-medium underline-offset-4 hover:underline"
    >
      <span className="truncate">{displayUrl(url)}</span>
      <ArrowUpRight className="size-3.5 shrink-0 text-muted-foreground" aria-hidden="true" />
    </a>
  );
}
