import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { getMeOptions, getMeQueryKey } from "@/api/gen/@tanstack/react-query.gen";
import type { Account } from "@/api/gen/types.gen";

const hintKey = "hashroute.signed-in";

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

/** Whether this browser was signed in last. Only a hint for the public pages: it saves asking the server. */
export function wasSignedIn(): boolean {
  try {
    return localStorage.getItem(hintKey) === "yes";
  } catch {
    return false;
  }
}

export function rememberSignedIn(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(hintKey, "yes");
    else localStorage.removeItem(hintKey);
  } catch {
    // Storage is blocked: the public pages then offer to sign in.
  }
}

/** A path to come back to after signing in: only ever one of our own pages. */
export function safeReturnPath(next: string | undefined): string | undefined {
  if (!next?.startsWith("/app")) return undefined;
  const url = new URL(next, "https://hashroute.invalid");
  const ours = url.origin === "https://hashroute.invalid" && /^\/app(?:\/|$)/.test(url.pathname);
  return ours ? `${url.pathname}${url.search}${url.hash}` : undefined;
}
