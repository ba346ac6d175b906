import { readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "vite";

const source = path.resolve(import.meta.dirname, "../src/theme-boot.js");

/**
 * Puts the theme script in front of everything else, as a file of its own.
 *
 * It has to run before the first paint, so it cannot be a module, and the content security policy forbids
 * inline scripts. A hashed name lets the server cache it for ever like any other asset.
 */
export function themeScript(): Plugin {
  let building = false;
  let asset = "";
  return {
    name: "hashroute-theme-script",
    configResolved(config) {
      building = config.command === "build";
    },
    buildStart() {
      if (building) {
        asset = this.emitFile({ type: "asset", name: "theme.js", source: readFileSync(source, "utf8") });
      }
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        const name = building
          ? Object.values(context.bundle ?? {}).find(
              (file) => file.type === "asset" && file.names.includes("theme.js"),
            )?.fileName
          : "src/theme-boot.js";
        if (!name) throw new Error(`the theme script is missing from the bundle (asset ${asset})`);
        return [{ tag: "script", attrs: { src: `/${name}` }, injectTo: "head-prepend" }];
      },
    },
  };
}
