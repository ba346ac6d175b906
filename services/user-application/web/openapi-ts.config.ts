import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "./openapi.json",
  output: { path: "./src/api/gen" },
  plugins: [
    { name: "@hey-api/client-fetch", runtimeConfigPath: "./src/api/client-config", throwOnError: true },
    { name: "@hey-api/sdk", auth: false },
    { name: "@tanstack/react-query", infiniteQueryOptions: false },
  ],
});
