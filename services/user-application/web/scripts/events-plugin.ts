import type { Plugin } from "vite";

/**
 * The generated client can read server-sent events, of which this API has none, and every page would load how. What is
 * put in its place is never called.
 */
export function withoutServerSentEvents(): Plugin {
  return {
    name: "hashroute-without-server-sent-events",
    apply: "build",
    load: {
      filter: { id: /\/src\/api\/gen\/core\/serverSentEvents\.gen\.ts$/ },
      handler: () => "export const createSseClient = undefined;",
    },
  };
}
