import { ChevronDown } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import type { Entry } from "./breakdown";
import { formatCount, formatShare } from "./format";

const firstRows = 8;

/** Values and their clicks, largest first. The bar under each name is its share of all rows, as the percentage is. */
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
      <table className="w-full text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="text-muted-foreground text-xs">
            <th scope="col" className="pb-1 text-left font-medium">
              {heading}
            </th>
            <th scope="col" className="pb-1 pl-3 text-right font-medium sm:pl-6">
              Clicks
            </th>
            <th scope="col" className="pb-1 pl-3 text-right font-medium sm:pl-5">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ value, clicks }) => (
            <tr key={value}>
              {/* All the room that the numbers leave, however long the name is. */}
              <th scope="row" className="w-full max-w-0 pt-1 pb-1.5 text-left font-normal">
                <span className="flex min-h-6 min-w-0 items-center gap-2">{renderName(value)}</span>
                <span
                  aria-hidden="true"
                  className="mt-1 block h-1 overflow-hidden rounded-full bg-chart-1/14"
                >
                  <span
                    className="block h-full min-w-1 rounded-full bg-chart-1 transition-[width] duration-300"
                    style={{ width: `${(clicks / total) * 100}%` }}
                  />
                </span>
              </th>
              <td className="pt-1 text-right align-top font-medium leading-6 tabular-nums">
                {formatCount(clicks)}
              </td>
              <td className="pt-1 text-right align-top text-muted-foreground leading-6 tabular-nums">
                {formatShare(clicks, total)}
              </td>
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
