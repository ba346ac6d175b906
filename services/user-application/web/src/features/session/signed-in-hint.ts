const hintKey = "hashroute.signed-in";

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
