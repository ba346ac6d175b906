import type { Plugin } from "vite";

/** The files almost every text needs; the other alphabets are fetched when a page uses them. */
const wanted = /(?:instrument-sans|bricolage-grotesque)-latin-wght-normal-[^/]*\.woff2$/;

/** Lets the browser fetch the fonts beside the style sheet instead of after it. */
export function preloadFonts(): Plugin {
  return {
    name: "hashroute-preload-fonts",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        const files = Object.keys(context.bundle ?? {}).filter((file) => wanted.test(file));
        if (files.length !== 2) throw new Error(`expected two fonts to preload, found ${files.length}`);
        return files.map((file) => ({
          tag: "link",
          attrs: { rel: "preload", as: "font", type: "font/woff2", href: `/${file}`, crossorigin: "" },
          injectTo: "head",
        }));
      },
    },
  };
}
