import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { ErrorState } from "./error-state";

/** What a page shows when its loader or its rendering failed. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const { reset: resetQueries } = useQueryErrorResetBoundary();

  useEffect(() => {
    resetQueries();
  }, [resetQueries]);

  return (
    <div className="mx-auto grid min-h-[60dvh] w-full max-w-2xl place-items-center p-6">
      <ErrorState
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}
