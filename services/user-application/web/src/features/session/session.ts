import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Account } from "@/api/gen";
import { getMeOptions, getMeQueryKey } from "@/api/gen";
import { rememberSignedIn } from "./signed-in-hint";

/**
 * Who is signed in. Its 401 is an answer, not an incident: the route guard sends a guest to sign in, so the
 * cache's own handling of a session that ended must not.
 */
export function sessionOptions() {
  return queryOptions({ ...getMeOptions(), staleTime: 5 * 60_000, meta: { guestsExpected: true } });
}

/** Puts a fresh sign-in in the cache, in place of whatever the last account left there. */
export function startSession(queryClient: QueryClient, account: Account): void {
  queryClient.clear();
  queryClient.setQueryData(getMeQueryKey(), account);
  rememberSignedIn(true);
}

export function endSession(queryClient: QueryClient): void {
  queryClient.clear();
  rememberSignedIn(false);
}

/** A path to come back to after signing in: only ever one of our own pages. */
export function safeReturnPath(next: string | undefined): string | undefined {
  if (!next?.startsWith("/app")) return undefined;
  const url = new URL(next, "https://hashroute.invalid");
  const ours = url.origin === "https://hashroute.invalid" && /^\/app(?:\/|$)/.test(url.pathname);
  return ours ? `${url.pathname}${url.search}${url.hash}` : undefined;
}
