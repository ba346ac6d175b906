import { type KeyboardEvent, memo, type SyntheticEvent, useId, useMemo, useRef, useState } from "react";
import { cn } from "@/lib/utils";
import { colourLevel, colourSteps, stepLabel } from "./colour-scale";
import world from "./world.json";

export type CountryValue = { code: string; value: number };

type Shape = { code: string | null; centre: number[]; path?: string };

const shapes: Shape[] = [...world.countries, ...world.dots];
const centres = new Map(shapes.map(({ code, centre }) => [code, centre]));

const ink = (percent: number) => `color-mix(in oklab, var(--chart-1) ${percent}%, var(--card))`;

/** From land without clicks to the most clicks. Mixed from the tokens, so that both themes keep their own ink. */
const colours = [
  "color-mix(in oklab, var(--foreground) 9%, var(--card))",
  ink(30),
  ink(47),
  ink(64),
  ink(82),
  ink(100),
];

export type WorldMapProps = {
  values: readonly CountryValue[];
  /** Names the map for screen readers. */
  label: string;
  nameOf: (code: string) => string;
  /** Writes a number in the tooltip ("1,204 clicks") … */
  describe: (value: number) => string;
  /** … and in the legend ("1,204"). */
  format: (value: number) => string;
  className?: string;
};

/**
 * A choropleth of the world.
 *
 * Pointer: hover shows a country's number. Keyboard: one stop for the whole map; the arrow keys go through the countries that have a
 * number, from the largest down. The same numbers belong in a table beside it.
 */
export function WorldMap({ values, label, nameOf, describe, format, className }: WorldMapProps) {
  const [active, setActive] = useState<string | null>(null);
  const [stop, setStop] = useState(0);
  const svg = useRef<SVGSVGElement>(null);
  const helpId = useId();
  const ranked = useMemo(
    () =>
      values.filter(({ code, value }) => value > 0 && centres.has(code)).sort((a, b) => b.value - a.value),
    [values],
  );
  const numbers = useMemo(() => new Map(ranked.map(({ code, value }) => [code, value])), [ranked]);
  const steps = useMemo(() => colourSteps(ranked[0]?.value ?? 0), [ranked]);
  const focusable = ranked[Math.min(stop, ranked.length - 1)]?.code ?? null;

  const show = (event: SyntheticEvent) => {
    const code = (event.target as Element).getAttribute("data-code");
    if (code !== null) setActive(code);
  };

  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape") return setActive(null);
    const last = ranked.length - 1;
    const current = Math.min(stop, last);
    const next = {
      ArrowRight: Math.min(current + 1, last),
      ArrowDown: Math.min(current + 1, last),
      ArrowLeft: Math.max(current - 1, 0),
      ArrowUp: Math.max(current - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    const code = next === undefined ? undefined : ranked[next]?.code;
    if (next === undefined || code === undefined) return;
    event.preventDefault();
    setStop(next);
    svg.current?.querySelector<SVGElement>(`[data-code="${code}"]`)?.focus();
  };

  return (
    <figure className={cn("flex flex-col gap-4", className)}>
      <div className="relative">
        <p id={helpId} className="sr-only">
          Use the arrow keys to go through the countries, largest first. The same numbers are in the table of
          countries.
        </p>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing cannot be a fieldset */}
        <svg
          ref={svg}
          viewBox={`0 0 ${world.width} ${world.height}`}
          className="block h-auto w-full select-none"
          role="group"
          aria-label={label}
          aria-describedby={helpId}
          onPointerOver={show}
          onPointerLeave={() => setActive(null)}
          onFocus={show}
          onBlur={() => setActive(null)}
          onKeyDown={move}
        >
          <Shapes numbers={numbers} steps={steps} focusable={focusable} nameOf={nameOf} describe={describe} />
        </svg>
        {active !== null && (
          <MapTooltip code={active} name={nameOf(active)} text={tooltipText(numbers, active, describe)} />
        )}
      </div>
      <figcaption>
        <Legend steps={steps} format={format} />
      </figcaption>
    </figure>
  );
}

function tooltipText(
  numbers: ReadonlyMap<string, number>,
  code: string,
  describe: (value: number) => string,
) {
  const value = numbers.get(code);
  return value === undefined ? describe(0) : describe(value);
}

const Shapes = memo(function Shapes({
  numbers,
  steps,
  focusable,
  nameOf,
  describe,
}: {
  numbers: ReadonlyMap<string, number>;
  steps: ReturnType<typeof colourSteps>;
  focusable: string | null;
} & Pick<WorldMapProps, "nameOf" | "describe">) {
  return shapes.map(({ code, path, centre }, index) => {
    const value = code === null ? 0 : (numbers.get(code) ?? 0);
    if (path === undefined && value === 0) return null;
    const described =
      code !== null && value > 0
        ? {
            role: "img",
            "aria-label": `${nameOf(code)}: ${describe(value)}`,
            tabIndex: code === focusable ? 0 : -1,
          }
        : { "aria-hidden": true };
    const common = {
      "data-code": code ?? undefined,
      className:
        "stroke-card outline-none transition-[fill] duration-300 [vector-effect:non-scaling-stroke] hover:stroke-foreground focus-visible:stroke-2 focus-visible:stroke-ring",
      style: { fill: colours[colourLevel(steps, value)] },
      strokeWidth: 0.75,
      ...described,
    };
    const key = code ?? `land-${index}`;
    return path === undefined ? (
      <circle key={key} cx={centre[0]} cy={centre[1]} r={8} {...common} />
    ) : (
      <path key={key} d={path} {...common} />
    );
  });
});

function MapTooltip({ code, name, text }: { code: string; name: string; text: string }) {
  const [x = 0, y = 0] = centres.get(code) ?? [];
  const left = (x / world.width) * 100;
  const top = (y / world.height) * 100;
  return (
    <div
      aria-hidden="true"
      className={cn(
        "pointer-events-none absolute z-10 rounded-lg border bg-popover px-3 py-2 text-popover-foreground text-xs shadow-lg",
        left < 20 ? "-translate-x-4" : left > 80 ? "translate-x-[calc(-100%+1rem)]" : "-translate-x-1/2",
        top < 30 ? "mt-3" : "-mt-3 -translate-y-full",
      )}
      style={{ left: `${left}%`, top: `${top}%` }}
    >
      <p className="whitespace-nowrap font-medium">{name}</p>
      <p className="whitespace-nowrap text-muted-foreground tabular-nums">{text}</p>
    </div>
  );
}

function Legend({
  steps,
  format,
}: {
  steps: ReturnType<typeof colourSteps>;
  format: (value: number) => string;
}) {
  return (
    <ul
      aria-label="Colours of the map"
      className="flex flex-wrap gap-x-4 gap-y-1.5 text-muted-foreground text-xs"
    >
      <LegendItem level={0}>0</LegendItem>
      {steps.map((step) => (
        <LegendItem key={step.level} level={step.level}>
          {stepLabel(step, format)}
        </LegendItem>
      ))}
    </ul>
  );
}

function LegendItem({ level, children }: { level: number; children: string }) {
  return (
    <li className="flex items-center gap-1.5 tabular-nums">
      <span
        aria-hidden="true"
        className="h-2.5 w-4 rounded-sm border border-foreground/10"
        style={{ backgroundColor: colours[level] }}
      />
      {children}
    </li>
  );
}
