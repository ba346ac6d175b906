import { ChevronDown } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { barShare, type Entry } from "./breakdown";
import { formatCount, formatShare } from "./format";

const firstRows = 8;

/**
 * Values and their clicks, largest first, with a bar behind each name.
 *
 * The bar compares with the largest row, the percentage with all rows together.
 */
export function BreakdownTable({
  caption,
  heading,
  entries,
  renderName,
}: {
  caption: string;
  heading: string;
  entries: readonly Entry[];
  renderName: (value: string) => ReactNode;
}) {
  const [expanded, setExpanded] = useState(false);
  const total = entries.reduce((sum, { clicks }) => sum + clicks, 0);
  const shown = expanded ? entries : entries.slice(0, firstRows);
  if (entries.length === 0) {
    return <p className="py-10 text-center text-muted-foreground text-sm">No clicks in this range.</p>;
  }
  return (
    <div className="flex flex-col gap-2">
      <table className="w-full table-fixed border-separate border-spacing-y-1 text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="text-muted-foreground text-xs">
            <th scope="col" className="pb-1 text-left font-medium">
              {heading}
            </th>
            <th scope="col" className="w-20 pb-1 text-right font-medium">
              Clicks
            </th>
            <th scope="col" className="w-14 pb-1 text-right font-medium">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ value, clicks }) => (
            <tr key={value} className="group">
              <th scope="row" className="relative h-8 text-left font-normal">
                <span
                  aria-hidden="true"
                  className="absolute inset-y-0 left-0 min-w-1 rounded-md bg-chart-1/16 transition-[width] duration-300 group-hover:bg-chart-1/26"
                  style={{ width: `${barShare(clicks, entries) * 100}%` }}
                />
                <span className="relative flex min-w-0 items-center gap-2 px-2.5">{renderName(value)}</span>
              </th>
              <td className="text-right font-medium tabular-nums">{formatCount(clicks)}</td>
              <td className="text-right text-muted-foreground tabular-nums">{formatShare(clicks, total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {entries.length > firstRows && (
        <Button
          variant="ghost"
          size="sm"
          className="self-start text-muted-foreground"
          aria-expanded={expanded}
          onClick={() => setExpanded(!expanded)}
        >
          <ChevronDown className={expanded ? "rotate-180" : undefined} aria-hidden="true" />
          {expanded ? "Show fewer" : `Show all ${formatCount(entries.length)}`}
        </Button>
      )}
    </div>
  );
}
