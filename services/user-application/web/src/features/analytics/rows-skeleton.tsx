import { Skeleton } from "@/components/ui/skeleton";

/** The shape of a breakdown while its numbers are on their way. */
export function RowsSkeleton() {
  return (
    <div className="grid content-start gap-2">
      {[100, 72, 55, 40, 28, 18].map((width) => (
        <Skeleton key={width} className="h-8" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
