import path from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { preloadFonts } from "./scripts/font-plugin.ts";
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
      output: {
        codeSplitting: {
          groups: [
            // What every page needs and seldom changes: one file compresses better than a dozen.
            {
              name: "foundation",
              test: /node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?(?:react|react-dom|scheduler|use-sync-external-store|@tanstack\/(?:history|router-core|react-router|query-core|react-query|store|react-store)|tailwind-merge|clsx|class-variance-authority)\//,
            },
          ],
        },
      },
    },
  },
});
