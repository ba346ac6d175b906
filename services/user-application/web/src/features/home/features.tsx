import { ArrowRight, Braces, ChartNoAxesColumn, Globe, KeyRound, Server, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/utils";

/** What the product does today. Nothing that is only planned belongs here. */
export function Features() {
  return (
    <section aria-labelledby="features" className="mx-auto w-full max-w-6xl px-4 py-14 sm:px-8 lg:py-20">
      <h2 id="features" className="max-w-xl font-semibold text-3xl">
        Small to run, serious about its job
      </h2>
      <div className="mt-9 grid gap-4 md:grid-cols-6">
        <Feature
          icon={<Globe />}
          title="Routing by country"
          drawing={<CountriesDrawing />}
          className="md:col-span-4"
        >
          A default destination and as many countries as you like on one short link. Change them whenever you
          want: the address you printed stays the same.
        </Feature>
        <Feature icon={<ShieldCheck />} title="Clicks that survive" className="md:col-span-2">
          Every answered redirect is recorded first. A crash of the program loses none and doubles none.
        </Feature>
        <Feature icon={<ChartNoAxesColumn />} title="Analytics" className="md:col-span-2">
          Clicks over time, by country, device, browser, system and referring site, in your time zone. Bots
          are left out.
        </Feature>
        <Feature
          icon={<Server />}
          title="One program, your machine"
          drawing={<StartDrawing />}
          className="md:col-span-4"
        >
          A single file with its database inside. Start it and it serves links, dashboard and API; or give it
          a PostgreSQL server when you have one. Nothing phones home.
        </Feature>
        <Feature
          icon={<Braces />}
          title="An API you already know"
          drawing={<ApiDrawing />}
          className="md:col-span-4"
        >
          The calls this dashboard makes, in the shape of the dub SDK, described in OpenAPI and with an{" "}
          <a href="/api/docs" className="text-primary underline underline-offset-3">
            interactive reference
          </a>{" "}
          in the server.
        </Feature>
        <Feature icon={<KeyRound />} title="Keys with limits" className="md:col-span-2">
          API keys belong to one workspace, carry scopes, can expire, and stop working when you revoke them.
        </Feature>
      </div>
    </section>
  );
}

function Feature({
  icon,
  title,
  drawing,
  className,
  children,
}: {
  icon: ReactNode;
  title: string;
  drawing?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <article
      className={cn(
        "grid items-center gap-6 rounded-2xl border bg-card p-6 shadow-xs",
        drawing !== undefined && "sm:grid-cols-2",
        className,
      )}
    >
      <div className="self-start">
        <span
          aria-hidden="true"
          className="grid size-10 place-items-center rounded-lg bg-signal text-signal-foreground [&_svg]:size-5"
        >
          {icon}
        </span>
        <h3 className="mt-4 font-display font-semibold text-lg tracking-tight">{title}</h3>
        <p className="mt-1.5 text-pretty text-muted-foreground text-sm">{children}</p>
      </div>
      {drawing}
    </article>
  );
}

const ways = [
  ["DE", "acme.de/start"],
  ["FR", "acme.fr/bienvenue"],
  ["US", "acme.com/us/launch"],
] as const;

function CountriesDrawing() {
  return (
    <ul aria-hidden="true" className="grid min-w-0 gap-2 rounded-xl bg-sidebar p-3 text-sm">
      {ways.map(([code, destination]) => (
        <li key={code} className="flex min-w-0 items-center gap-2.5 rounded-lg border bg-card px-3 py-2">
          <span className="font-mono font-semibold text-xs">{code}</span>
          <ArrowRight className="size-3.5 shrink-0 text-muted-foreground" />
          <span className="truncate">{destination}</span>
        </li>
      ))}
      <li className="flex min-w-0 items-center gap-2.5 rounded-lg border border-dashed px-3 py-2 text-muted-foreground">
        <Globe className="size-3.5 shrink-0" />
        <ArrowRight className="size-3.5 shrink-0" />
        <span className="truncate">acme.com/launch</span>
      </li>
    </ul>
  );
}

function Terminal({ children }: { children: ReactNode }) {
  return (
    <pre
      aria-hidden="true"
      className="min-w-0 overflow-hidden whitespace-pre-wrap break-words rounded-xl border border-ink-border bg-ink p-4 font-mono text-[0.75rem] text-ink-muted leading-relaxed"
    >
      {children}
    </pre>
  );
}

function StartDrawing() {
  return (
    <Terminal>
      <span className="text-signal">$</span> <span className="text-ink-foreground">hashroute serve</span>
      {"\nHashroute is running.\nCreate the first account here\n(the link works once):\n  …/signup?setup=…"}
    </Terminal>
  );
}

function ApiDrawing() {
  return (
    <Terminal>
      <span className="text-signal">POST</span> <span className="text-ink-foreground">/api/links</span>
      {'\n{\n  "url": "https://acme.com/launch",\n  "geo": {\n    "DE": "https://acme.de/start"\n  }\n}'}
    </Terminal>
  );
}
