import { cn } from "@/lib/utils";

// The last one is drawn over the others: it is the road taken.
const lanes = [-3.2, -2.2, -1.2, -0.3, 1.6, 2.5, 3.4, 0.6];
const centre = 450;

/** One road comes in from below and opens into many. Decoration. */
export function RoadsDrawing({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 900 1200"
      preserveAspectRatio="xMidYMid slice"
      fill="none"
      aria-hidden="true"
      className={cn("text-ink-border", className)}
    >
      {lanes.map((lane, index) => {
        const x = centre + lane * 170;
        const y = 120 + Math.abs(lane) * 46 + (index % 3) * 34;
        const main = index === lanes.length - 1;
        return (
          <g key={lane} className={main ? "text-signal" : undefined}>
            <path
              d={`M${centre} 1200 V 900 C ${centre} 640, ${x} 720, ${x} ${y + 120} V ${y}`}
              stroke="currentColor"
              strokeWidth={main ? 10 : 5}
              strokeLinecap="round"
            />
            <circle cx={x} cy={y} r={main ? 19 : 11} fill="currentColor" />
            {main && <circle cx={x} cy={y} r="38" stroke="currentColor" strokeWidth="3" opacity="0.4" />}
          </g>
        );
      })}
      <circle cx={centre} cy="940" r="15" className="fill-ink stroke-signal" strokeWidth="8" />
    </svg>
  );
}
