import { CloudOff, RotateCw, TriangleAlert } from "lucide-react";
import { toApiError } from "@/api/errors";
import { buttonVariants } from "@/components/ui/button-variants";
import { Empty, EmptyActions, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";

/** A failed request in place of the content it should have brought. */
export function ErrorState({
  error,
  onRetry,
  className,
}: {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}) {
  const { isOffline, message, requestId } = toApiError(error);
  return (
    <Empty className={className} role="alert">
      <EmptyMedia>{isOffline ? <CloudOff /> : <TriangleAlert />}</EmptyMedia>
      <div>
        <EmptyTitle>{isOffline ? "You are offline" : "This did not load"}</EmptyTitle>
        <EmptyDescription>{message}</EmptyDescription>
        {requestId && (
          <p className="mt-2 text-muted-foreground text-xs">
            Request <code className="select-all">{requestId}</code>
          </p>
        )}
      </div>
      {onRetry && (
        <EmptyActions>
          <button type="button" className={buttonVariants({ variant: "outline" })} onClick={onRetry}>
            <RotateCw aria-hidden="true" /> Try again
          </button>
        </EmptyActions>
      )}
    </Empty>
  );
}
