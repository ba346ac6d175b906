import { useEffect, useRef, useState } from "react";
import { formatCount } from "@/features/analytics/format";
import { cn } from "@/lib/utils";

/** A number of clicks that lights up for a moment when it grows. */
export function ClickCount({ clicks, className }: { clicks: number; className?: string }) {
  const before = useRef(clicks);
  const [growing, setGrowing] = useState(false);
  useEffect(() => {
    const grew = clicks > before.current;
    before.current = clicks;
    if (!grew) return;
    setGrowing(true);
    const timer = setTimeout(() => setGrowing(false), 1_200);
    return () => clearTimeout(timer);
  }, [clicks]);
  return (
    <span
      className={cn(
        "-mx-1.5 rounded-md px-1.5 py-0.5 tabular-nums transition-colors duration-500",
        growing && "bg-signal text-signal-foreground duration-0",
        className,
      )}
    >
      {formatCount(clicks)}
    </span>
  );
}
