import { useSyncExternalStore } from "react";

type Connection = "online" | "offline";

let connection: Connection = "online";
const listeners = new Set<() => void>();

/** Told by every request: an answer means online, a failure to get one means offline. */
export function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

export function currentConnection(): Connection {
  return connection;
}

/** The browser knows at once when the network is gone; that it is back is only believed once a request succeeds. */
export function watchConnection(onMaybeBack: () => void): () => void {
  const goOffline = () => setConnection("offline");
  window.addEventListener("offline", goOffline);
  window.addEventListener("online", onMaybeBack);
  return () => {
    window.removeEventListener("offline", goOffline);
    window.removeEventListener("online", onMaybeBack);
  };
}

export function useConnection(): Connection {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentConnection);
}
