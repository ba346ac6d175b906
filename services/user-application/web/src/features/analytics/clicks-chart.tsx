import { Area, AreaChart, Bar, BarChart, CartesianGrid, XAxis, YAxis } from "recharts";
import type { ClicksInPeriod } from "@/api/gen";
import { ChartContainer, ChartTooltip, ChartTooltipContent } from "@/components/ui/chart";
import { axisTicks } from "./axis-ticks";
import { formatCompact, formatCount } from "./format";
import type { TimeLabels } from "./time-labels";

const config = { clicks: { label: "clicks", color: "var(--chart-1)" } };

const name = "Chart of clicks over time; the arrow keys go through it";

/** Few periods are bars that can be told apart; many are one line. */
const mostBars = 40;

/** Clicks over time. The caller offers the same numbers as a table. */
export function ClicksChart({ periods, labels }: { periods: ClicksInPeriod[]; labels: TimeLabels }) {
  const margin = { top: 8, right: 8, bottom: 0, left: 0 };
  const ticks = axisTicks(periods.reduce((most, period) => Math.max(most, period.clicks), 0));
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const parts = [
    <CartesianGrid key="grid" vertical={false} />,
    <XAxis
      key="x"
      dataKey="start"
      tickFormatter={labels.tick}
      tickLine={false}
      axisLine={false}
      tickMargin={10}
      minTickGap={28}
    />,
    <YAxis
      key="y"
      width="auto"
      allowDecimals={false}
      tickFormatter={formatCompact}
      tickLine={false}
      axisLine={false}
      tickMargin={6}
      ticks={ticks}
      domain={[0, ticks.at(-1) ?? 0]}
    />,
    <ChartTooltip
      key="tooltip"
      isAnimationActive={false}
      content={(tooltip) => (
        <ChartTooltipContent {...tooltip} labelFormatter={labels.full} valueFormatter={formatCount} />
      )}
    />,
  ];
  return (
    <ChartContainer config={config} className="h-64">
      {periods.length <= mostBars ? (
        <BarChart data={periods} margin={margin} barCategoryGap="22%" aria-label={name}>
          {parts}
          <Bar
            dataKey="clicks"
            fill="var(--color-clicks)"
            radius={[4, 4, 0, 0]}
            maxBarSize={56}
            isAnimationActive={!reduced}
            animationDuration={350}
          />
        </BarChart>
      ) : (
        <AreaChart data={periods} margin={margin} aria-label={name}>
          {parts}
          <Area
            dataKey="clicks"
            type="monotone"
            stroke="var(--color-clicks)"
            strokeWidth={2}
            fill="var(--color-clicks)"
            fillOpacity={0.14}
            isAnimationActive={!reduced}
            animationDuration={350}
          />
        </AreaChart>
      )}
    </ChartContainer>
  );
}
