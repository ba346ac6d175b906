import path from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { withoutServerSentEvents } from "./scripts/events-plugin.ts";
import { preloadFonts } from "./scripts/font-plugin.ts";
import { foundation } from "./scripts/foundation.ts";
import { referenceHeader } from "./scripts/reference-plugin.ts";
import { sonnerWithoutStyleElement } from "./scripts/sonner-plugin.ts";
import { themeScript } from "./scripts/theme-plugin.ts";

const api = process.env.HASHROUTE_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [
    tanstackRouter({ target: "react", autoCodeSplitting: true, quoteStyle: "double", semicolons: true }),
    react(),
    tailwindcss(),
    themeScript(),
    referenceHeader(),
    preloadFonts(),
    sonnerWithoutStyleElement(),
    withoutServerSentEvents(),
  ],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  server: { port: 5173, proxy: { "/api": { target: api, ws: true } } },
  build: {
    target: "es2023",
    // Every asset is a file: data: URLs would need exceptions in the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The pages of the API reference stand by themselves: the server completes them.
      input: ["index.html", "reference/operations.html", "reference/errors.html"],
      // The client's operations only define things: a page is not made to load those it does not call.
      treeshake: { moduleSideEffects: [{ test: /\/src\/api\/gen\//, sideEffects: false }] },
      output: {
        // The entry lists all chunks: a name would cost every first visit, and say little.
        chunkFileNames: "assets/[hash].js",
        codeSplitting: {
          groups: [{ name: "foundation", test: foundation }],
        },
      },
    },
  },
});
