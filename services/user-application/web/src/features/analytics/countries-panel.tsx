import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { countryName } from "@/features/countries/countries";
import { CountryFlag } from "@/features/countries/country-flag";
import type { Entry } from "./breakdown";
import { BreakdownTable } from "./breakdown-table";
import { formatClicks, formatCount } from "./format";
import { PanelContent } from "./panel-states";
import { breakdownQuery, type Question } from "./queries";
import { RowsSkeleton } from "./rows-skeleton";

const WorldMap = lazy(async () => ({ default: (await import("@/components/map/world-map")).WorldMap }));

const describe = (clicks: number) => (clicks === 0 ? "No clicks" : formatClicks(clicks));

/** Where clicks come from: a map, and beside it the table with the same numbers. */
export function CountriesPanel({ question }: { question: Question }) {
  const query = useQuery(breakdownQuery(question, "countries"));
  return (
    <Card>
      <CardHeader>
        <CardTitle>Countries</CardTitle>
      </CardHeader>
      <CardContent>
        <PanelContent query={query} skeleton={<CountriesSkeleton />}>
          {(entries) => <Countries entries={entries} />}
        </PanelContent>
      </CardContent>
    </Card>
  );
}

function Countries({ entries }: { entries: Entry[] }) {
  const values = useMemo(
    () => entries.map(({ value, clicks }) => ({ code: value, value: clicks })),
    [entries],
  );
  return (
    <div className="grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1.9fr)_minmax(17rem,1fr)]">
      <Suspense fallback={<Skeleton className="aspect-[2000/871] w-full rounded-lg" />}>
        <WorldMap
          values={values}
          label="Map of clicks by country"
          nameOf={countryName}
          describe={describe}
          format={formatCount}
        />
      </Suspense>
      <BreakdownTable
        caption="Clicks by country"
        heading="Country"
        entries={entries}
        renderName={(code) => (
          <>
            <CountryFlag code={code} />
            <span className="truncate">{countryName(code)}</span>
          </>
        )}
      />
    </div>
  );
}

function CountriesSkeleton() {
  return (
    <div className="grid gap-8 lg:grid-cols-[minmax(0,1.9fr)_minmax(17rem,1fr)]">
      <Skeleton className="aspect-[2000/871] w-full rounded-lg" />
      <RowsSkeleton />
    </div>
  );
}
