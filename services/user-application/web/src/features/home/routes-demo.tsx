import { Globe, Pause, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { cn } from "@/lib/utils";

interface Stop {
  code: string;
  visitor: string;
  destination: string;
  label: string;
}

const stops = [
  { code: "US", visitor: "Austin, United States", destination: "acme.com/us/launch", label: "United States" },
  { code: "DE", visitor: "Leipzig, Germany", destination: "acme.de/start", label: "Germany" },
  { code: "JP", visitor: "Osaka, Japan", destination: "acme.jp/hajimeru", label: "Japan" },
  { code: "", visitor: "Accra, Ghana", destination: "acme.com/launch", label: "Everyone else" },
] as const satisfies readonly Stop[];

const stepMs = 2600;

// One path for each stop, from the link at the left to the cards at the right, in the coordinates of the drawing.
const width = 220;
const height = 320;
const laneY = (lane: number) => 40 + lane * 80;
const path = (lane: number) => {
  const y = laneY(lane);
  return `M0 ${height / 2} C ${width * 0.5} ${height / 2}, ${width * 0.4} ${y}, ${width} ${y}`;
};

function prefersStillness(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** One link and its four roads. It plays by itself, stops on request, and a press on a country takes its road. */
export function RoutesDemo({ className }: { className?: string }) {
  const [active, setActive] = useState(1);
  const [playing, setPlaying] = useState(() => !prefersStillness());

  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setActive((lane) => (lane + 1) % stops.length), stepMs);
    return () => clearInterval(timer);
  }, [playing]);

  function choose(lane: number) {
    setPlaying(false);
    setActive(lane);
  }

  const current: Stop = stops[active] ?? stops[0];
  return (
    <section
      aria-label="Example: one link, four destinations"
      className={cn(
        "relative overflow-hidden rounded-2xl border border-ink-border bg-ink text-ink-foreground shadow-lg",
        className,
      )}
    >
      <div className="flex items-center justify-between gap-3 border-ink-border border-b px-5 py-3">
        <p className="text-ink-muted text-sm">Follow a visitor from</p>
        <button
          type="button"
          onClick={() => setPlaying((value) => !value)}
          className="focus-ring inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-ink-muted text-xs outline-signal hover:bg-white/8 hover:text-ink-foreground"
        >
          {playing ? <Pause className="size-3.5" /> : <Play className="size-3.5" />}
          {playing ? "Pause" : "Play"}
        </button>
      </div>

      <fieldset className="grid gap-4 p-5 sm:grid-cols-[minmax(0,0.95fr)_minmax(2rem,0.7fr)_minmax(0,1.15fr)] lg:grid-cols-[minmax(0,0.95fr)_minmax(2rem,0.4fr)_minmax(0,1.3fr)] xl:grid-cols-[minmax(0,0.95fr)_minmax(2rem,0.7fr)_minmax(0,1.15fr)] sm:items-stretch sm:gap-0">
        <legend className="sr-only">Country of the visitor</legend>
        <div className="flex flex-col justify-center">
          <div className="rounded-xl border border-ink-border bg-white/6 p-4">
            <p className="text-[0.6875rem] text-ink-muted uppercase tracking-[0.09em]">Short link</p>
            <p className="mt-1 font-display font-semibold text-lg leading-tight tracking-tight">
              <span className="whitespace-nowrap">go.acme.com</span>
              <wbr />
              <span className="whitespace-nowrap text-signal">/launch</span>
            </p>
          </div>
        </div>

        <div aria-hidden="true" className="relative hidden sm:block">
          <svg
            aria-hidden="true"
            viewBox={`0 0 ${width} ${height}`}
            preserveAspectRatio="none"
            className="absolute inset-0 size-full overflow-visible"
          >
            {stops.map((stop, lane) => (
              <path
                key={stop.label}
                d={path(lane)}
                fill="none"
                vectorEffect="non-scaling-stroke"
                strokeWidth={lane === active ? 2.5 : 1.5}
                strokeLinecap="round"
                className={cn(
                  "transition-[stroke] duration-500",
                  lane === active ? "stroke-signal" : "stroke-ink-border",
                )}
              />
            ))}
            <path
              key={active}
              d={path(active)}
              fill="none"
              vectorEffect="non-scaling-stroke"
              strokeWidth="6"
              strokeLinecap="round"
              pathLength="100"
              strokeDasharray="0.1 100"
              className="route-pulse stroke-white"
            />
          </svg>
        </div>

        <div className="grid gap-2 sm:h-80 sm:grid-rows-4 sm:gap-3">
          {stops.map((stop, lane) => (
            <button
              key={stop.label}
              type="button"
              aria-pressed={lane === active}
              onClick={() => choose(lane)}
              className={cn(
                "focus-ring flex min-w-0 items-center gap-3 rounded-xl border px-3.5 py-2.5 text-left outline-signal transition-[background-color,border-color] duration-300",
                lane === active
                  ? "border-signal bg-signal/14"
                  : "border-ink-border bg-white/4 hover:border-ink-muted/60",
              )}
            >
              <span
                aria-hidden="true"
                className={cn(
                  "grid h-6 w-8 shrink-0 place-items-center rounded-md font-mono font-semibold text-[0.6875rem] transition-colors duration-300",
                  lane === active ? "bg-signal text-signal-foreground" : "bg-white/10 text-ink-foreground",
                )}
              >
                {stop.code || <Globe className="size-3.5" />}
              </span>
              <span className="min-w-0">
                <span className="block truncate font-medium text-sm">{stop.label}</span>
                <span className="block truncate text-ink-muted text-xs">{stop.destination}</span>
              </span>
            </button>
          ))}
        </div>
      </fieldset>

      <dl className="grid justify-between gap-x-5 gap-y-1 border-ink-border sm:flex lg:grid xl:flex border-t bg-black/18 px-5 py-3 font-mono text-ink-muted text-xs">
        <div>
          <dt className="sr-only">Visitor</dt>
          <dd key={current.code} className="fade-in animate-in duration-500">
            GET /launch <span className="text-ink-foreground">from {current.visitor}</span>
          </dd>
        </div>
        <div>
          <dt className="sr-only">Answer</dt>
          <dd>
            <span className="text-signal">302</span> {current.destination}
          </dd>
        </div>
      </dl>
    </section>
  );
}
