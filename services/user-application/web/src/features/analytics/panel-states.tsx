import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { toApiError } from "@/api/errors";
import { Button } from "@/components/ui/button";

type Loadable<T> = { data: T | undefined; error: unknown; isError: boolean; refetch: () => unknown };

/**
 * One panel's four states. Data that is there stays on screen when asking again fails: the page's notice tells how old it is.
 */
export function PanelContent<T>({
  query,
  skeleton,
  children,
}: {
  query: Loadable<T>;
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (!query.isError) return skeleton;
  return (
    <div role="alert" className="flex flex-col items-center gap-3 py-10 text-center">
      <p className="max-w-sm text-muted-foreground text-sm">{toApiError(query.error).message}</p>
      <Button variant="outline" size="sm" onClick={() => query.refetch()}>
        <RotateCw aria-hidden="true" />
        Try again
      </Button>
    </div>
  );
}
