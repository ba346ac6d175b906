import { cn } from "@/lib/utils";
import { type Range, rangeLabels, ranges } from "./range";

/** One of the time ranges, as a group of radio buttons that looks like one control. */
export function RangePicker({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  return (
    <fieldset className="flex w-full rounded-lg border bg-card p-1 shadow-xs sm:w-auto">
      <legend className="sr-only">Time range</legend>
      {ranges.map((range) => (
        <label
          key={range}
          className={cn(
            "relative flex-1 cursor-pointer rounded-md px-3 py-1.5 text-center font-medium text-sm transition-colors has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-1",
            range === value
              ? "bg-primary text-primary-foreground"
              : "text-muted-foreground hover:bg-accent hover:text-accent-foreground",
          )}
        >
          <input
            type="radio"
            name="range"
            value={range}
            checked={range === value}
            onChange={() => onChange(range)}
            className="absolute inset-0 cursor-pointer appearance-none opacity-0"
          />
          {rangeLabels[range].short}
          <span className="sr-only">: {rangeLabels[range].long.toLowerCase()}</span>
        </label>
      ))}
    </fieldset>
  );
}
