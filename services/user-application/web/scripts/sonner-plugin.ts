import type { Plugin } from "vite";

/**
 * Sonner adds its style sheet with a `<style>` element when it is imported, which the content security
 * policy refuses. The same sheet is imported by styles.css instead, and the call is taken out here.
 */
export function sonnerWithoutStyleElement(): Plugin {
  return {
    name: "hashroute-sonner-without-style-element",
    apply: "build",
    transform: {
      filter: { id: /sonner\/dist\/index\.mjs/ },
      handler(code) {
        const start = code.indexOf('\n__insertCSS("');
        if (start < 0) throw new Error("sonner no longer calls __insertCSS: this plugin can go");
        const end = code.indexOf('");', start);
        return { code: `${code.slice(0, start)}\n${code.slice(end + 3)}`, map: null };
      },
    },
  };
}
