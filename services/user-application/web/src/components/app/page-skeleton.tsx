import { Skeleton } from "@/components/ui/skeleton";

/** The shape of most pages while their code or data is on its way. */
export function PageSkeleton() {
  return (
    <div role="status" className="mx-auto grid w-full max-w-6xl gap-6 p-4 sm:p-8">
      <span className="sr-only">Loading…</span>
      <Skeleton className="h-8 w-52" />
      <Skeleton className="h-24 w-full rounded-xl" />
      <Skeleton className="h-64 w-full rounded-xl" />
    </div>
  );
}
