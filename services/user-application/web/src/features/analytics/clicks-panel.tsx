import { useQuery } from "@tanstack/react-query";
import { Table2 } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import type { ClicksInPeriod } from "@/api/gen";
import { buttonVariants } from "@/components/ui/button";
import { Card, CardContent } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/utils";
import { formatCount } from "./format";
import { PanelContent } from "./panel-states";
import { type Question, timeseriesQuery } from "./queries";
import { rangeLabels } from "./range";
import { granularityOf, type TimeLabels, timeLabels } from "./time-labels";

const ClicksChart = lazy(async () => ({ default: (await import("./clicks-chart")).ClicksChart }));

const chartSkeleton = <Skeleton className="h-64 w-full rounded-lg" />;

/** The number of clicks, their course over time, and the same course as a table. */
export function ClicksPanel({
  question,
  count,
}: {
  question: Question;
  /** The number of clicks in the range, undefined until it is known. */
  count: number | undefined;
}) {
  const { range, timezone } = question;
  const series = useQuery(timeseriesQuery(question));
  const labels = useMemo(
    () => timeLabels(granularityOf(series.data?.map(({ start }) => start) ?? [], range), timezone),
    [series.data, range, timezone],
  );
  return (
    <Card className="gap-4">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2 px-5">
        <div>
          <h2 className="font-medium font-sans text-muted-foreground text-sm tracking-normal">
            Clicks, {rangeLabels[range].long.toLowerCase()}
          </h2>
          {count !== undefined ? (
            <p
              className="font-display font-semibold text-4xl tabular-nums tracking-tight"
              data-testid="total-clicks"
            >
              {formatCount(count)}
            </p>
          ) : (
            <Skeleton className="mt-1 h-9 w-28" />
          )}
        </div>
        <p className="text-muted-foreground text-xs">
          People only, bots left out · Times in {timezone.replaceAll("_", " ")}
        </p>
      </div>
      <CardContent>
        <PanelContent query={series} skeleton={chartSkeleton}>
          {(periods) => (
            <>
              <Suspense fallback={chartSkeleton}>
                <ClicksChart periods={periods} labels={labels} />
              </Suspense>
              <PeriodsTable periods={periods} labels={labels} />
            </>
          )}
        </PanelContent>
      </CardContent>
    </Card>
  );
}

function PeriodsTable({ periods, labels }: { periods: ClicksInPeriod[]; labels: TimeLabels }) {
  return (
    <details className="group mt-3">
      <summary
        className={cn(
          buttonVariants({ variant: "outline", size: "sm" }),
          "cursor-pointer list-none [&::-webkit-details-marker]:hidden",
        )}
      >
        <Table2 aria-hidden="true" />
        <span className="group-open:hidden">Show the numbers as a table</span>
        <span className="hidden group-open:inline">Hide the table</span>
      </summary>
      <section
        aria-label="Clicks over time"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable with the keyboard
        tabIndex={0}
        className="focus-ring mt-3 max-h-72 overflow-y-auto rounded-lg border"
      >
        <table className="w-full text-sm">
          <caption className="sr-only">Clicks over time</caption>
          <thead className="sticky top-0 bg-muted text-muted-foreground text-xs">
            <tr>
              <th scope="col" className="px-4 py-2 text-left font-medium">
                From
              </th>
              <th scope="col" className="px-4 py-2 text-right font-medium">
                Clicks
              </th>
            </tr>
          </thead>
          <tbody>
            {periods.map(({ start, clicks }) => (
              <tr key={start} className="border-t">
                <th scope="row" className="px-4 py-1.5 text-left font-normal">
                  <time dateTime={start}>{labels.full(start)}</time>
                </th>
                <td className="px-4 py-1.5 text-right tabular-nums">{formatCount(clicks)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
