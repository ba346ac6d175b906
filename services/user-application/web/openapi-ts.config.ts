import { defineConfig } from "@hey-api/openapi-ts";

/** What the plugins add to an operation's name: `getLink` has `getLinkOptions` and `getLinkQueryKey`. */
const role = /(?:Options|QueryKey|Mutation)$/;

/** What all operations share, so that no file of theirs can hold it. */
const shared = "createQueryKey";

export default defineConfig({
  input: "./openapi.json",
  output: { path: "./src/api/gen" },
  parser: {
    hooks: {
      events: {
        "node:set:before": ({ node }) => {
          if (node?.symbol?.name === shared && "export" in node && typeof node.export === "function")
            node.export();
        },
      },
      symbols: {
        // A file per operation: a page loads those it calls, and one more operation costs the other pages nothing.
        getFilePath: ({ kind, meta, name }) =>
          kind !== "type" &&
          name !== shared &&
          ["sdk", "@tanstack/react-query"].includes(String(meta?.artifact))
            ? `operations/${name.replace(role, "")}`
            : undefined,
      },
    },
  },
  plugins: [
    { name: "@hey-api/client-fetch", runtimeConfigPath: "./src/api/client-config", throwOnError: true },
    { name: "@hey-api/sdk", auth: false },
    { name: "@tanstack/react-query", infiniteQueryOptions: false, includeInEntry: true },
  ],
});
