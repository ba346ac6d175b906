import * as React from "react";
import type { TooltipContentProps } from "recharts";
import { ResponsiveContainer, Tooltip } from "recharts";
import { cn } from "@/lib/utils";

/** The series of a chart: how each is called and which colour token it has. */
export type ChartConfig = Record<string, { label: React.ReactNode; color: string }>;

const ChartContext = React.createContext<ChartConfig | null>(null);

export function useChart(): ChartConfig {
  const config = React.useContext(ChartContext);
  if (config === null) throw new Error("useChart must be used inside a <ChartContainer />");
  return config;
}

/**
 * Sizes a chart to its box and offers the colours of its series as `var(--color-<key>)`.
 *
 * The colours are set as inline custom properties; a style element would need an exception in the content security policy.
 */
export function ChartContainer({
  config,
  className,
  children,
  style,
  ...props
}: Omit<React.ComponentProps<"div">, "children"> & {
  config: ChartConfig;
  children: React.ComponentProps<typeof ResponsiveContainer>["children"];
}) {
  const colours = Object.fromEntries(
    Object.entries(config).map(([key, { color }]) => [`--color-${key}`, color]),
  );
  return (
    <ChartContext.Provider value={config}>
      <div
        data-slot="chart"
        style={{ ...colours, ...style } as React.CSSProperties}
        className={cn(
          "h-64 w-full text-xs [&_.recharts-cartesian-axis-tick-value]:fill-muted-foreground [&_.recharts-cartesian-grid_line]:stroke-border [&_.recharts-layer]:outline-none [&_.recharts-rectangle.recharts-tooltip-cursor]:fill-foreground/6 [&_.recharts-curve.recharts-tooltip-cursor]:stroke-muted-foreground [&_.recharts-surface]:outline-none [&_.recharts-surface:focus-visible]:rounded-md [&_.recharts-surface:focus-visible]:outline-2 [&_.recharts-surface:focus-visible]:outline-ring",
          className,
        )}
        {...props}
      >
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 256 }}>
          {children}
        </ResponsiveContainer>
      </div>
    </ChartContext.Provider>
  );
}

export const ChartTooltip = Tooltip;

export function ChartTooltipContent({
  active,
  payload,
  label,
  labelFormatter,
  valueFormatter = String,
  className,
}: Partial<Pick<TooltipContentProps<number, string>, "active" | "payload" | "label">> & {
  labelFormatter?: (label: string) => React.ReactNode;
  valueFormatter?: (value: number) => React.ReactNode;
  className?: string;
}) {
  const config = useChart();
  if (!active || !payload?.length) return null;
  return (
    <div
      data-slot="chart-tooltip"
      className={cn(
        "grid gap-1 rounded-lg border bg-popover px-3 py-2 text-popover-foreground text-xs shadow-lg",
        className,
      )}
    >
      <p className="text-muted-foreground">{labelFormatter ? labelFormatter(String(label)) : label}</p>
      {payload.map((series) => {
        const key = String(series.dataKey);
        return (
          <p key={key} className="flex items-center gap-2">
            <span
              aria-hidden="true"
              className="size-2 rounded-[3px]"
              style={{ backgroundColor: `var(--color-${key})` }}
            />
            <span className="font-semibold text-sm tabular-nums">
              {valueFormatter(Number(series.value ?? 0))}
            </span>
            <span className="text-muted-foreground">{config[key]?.label ?? key}</span>
          </p>
        );
      })}
    </div>
  );
}
