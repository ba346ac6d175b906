import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { toApiError } from "./errors";

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: {
      /** The first answer may be 401 without anything having ended: the caller deals with it. */
      guestsExpected?: boolean;
    };
  }
}

/** Asking again helps when the server was away or busy, never when it refused. */
export function shouldRetry(failures: number, error: unknown): boolean {
  const { status, isOffline } = toApiError(error);
  return failures < 2 && (isOffline || status === 502 || status === 503 || status === 504);
}

export function createQueryClient(onUnauthorized: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        const expected = query.meta?.guestsExpected && query.state.data === undefined;
        if (toApiError(error).status === 401 && !expected) onUnauthorized();
      },
    }),
    mutationCache: new MutationCache({
      onError: (error) => {
        if (toApiError(error).status === 401) onUnauthorized();
      },
    }),
    defaultOptions: {
      queries: { staleTime: 30_000, retry: shouldRetry, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
