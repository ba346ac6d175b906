import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { toApiError } from "./errors";

/** Asking again helps when the server was away or busy, never when it refused. */
export function shouldRetry(failures: number, error: unknown): boolean {
  const { status, isOffline } = toApiError(error);
  return failures < 2 && (isOffline || status === 502 || status === 503 || status === 504);
}

export function createQueryClient(onUnauthorized: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (toApiError(error).status === 401) onUnauthorized();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: 30_000, retry: shouldRetry, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
