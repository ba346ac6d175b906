import { readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "vite";

const header = path.resolve(import.meta.dirname, "../src/reference/header.html");

/** The pages of the API reference, by the address the server gives them. */
const addresses: Record<string, string> = {
  "/reference/operations.html": "/api/docs",
  "/reference/errors.html": "/api/docs/errors",
};

/** Puts the header into the pages of the API reference, with the page itself marked in it. */
export function referenceHeader(): Plugin {
  return {
    name: "hashroute-reference-header",
    transformIndexHtml: {
      order: "pre",
      handler(html, { path: page }) {
        const address = addresses[page];
        if (!address) return html;
        const marked = readFileSync(header, "utf8").replace(
          `<a href="${address}">`,
          `<a href="${address}" aria-current="page">`,
        );
        return html.replace("<!-- header -->", marked);
      },
    },
  };
}
