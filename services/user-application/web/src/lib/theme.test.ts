import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { resolveTheme, setThemeChoice, themeChoice, watchTheme } from "./theme";

const root = document.documentElement;
const bootScript = readFileSync(path.resolve(import.meta.dirname, "../theme-boot.js"), "utf8");

/** Runs the script as the page does, before anything else. */
function boot() {
  new Function(bootScript)();
}

function systemIs(theme: "light" | "dark") {
  const listeners = new Set<() => void>();
  const media = {
    matches: theme === "dark",
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  vi.stubGlobal("matchMedia", () => media);
  return {
    become(next: "light" | "dark") {
      media.matches = next === "dark";
      for (const listener of listeners) listener();
    },
  };
}

beforeEach(() => {
  root.classList.remove("dark");
  root.style.colorScheme = "";
});

describe("the theme", () => {
  it("follows the system until something is chosen", () => {
    systemIs("dark");
    expect(themeChoice()).toBe("system");
    expect(resolveTheme("system")).toBe("dark");
    expect(resolveTheme("light")).toBe("light");
  });

  it("is applied and remembered when chosen", () => {
    systemIs("light");
    setThemeChoice("dark");
    expect(root.classList.contains("dark")).toBe(true);
    expect(root.style.colorScheme).toBe("dark");
    expect(themeChoice()).toBe("dark");
    setThemeChoice("light");
    expect(root.classList.contains("dark")).toBe(false);
  });

  it("changes with the system while that is the choice", () => {
    const system = systemIs("light");
    const stop = watchTheme();
    system.become("dark");
    expect(root.classList.contains("dark")).toBe(true);
    setThemeChoice("light");
    system.become("dark");
    expect(root.classList.contains("dark")).toBe(false);
    stop();
  });

  it("ignores what it does not know in storage", () => {
    localStorage.setItem("hashroute.theme", "sepia");
    expect(themeChoice()).toBe("system");
  });
});

describe("the script before the first paint", () => {
  it.each([
    ["dark", "light", true],
    ["light", "dark", false],
    ["system", "dark", true],
    [null, "dark", true],
    [null, "light", false],
  ] as const)("with %s chosen on a %s system, dark is %s", (stored, system, dark) => {
    systemIs(system);
    if (stored) localStorage.setItem("hashroute.theme", stored);
    boot();
    expect(root.classList.contains("dark")).toBe(dark);
    expect(root.style.colorScheme).toBe(dark ? "dark" : "light");
  });

  it("follows the system where storage is blocked", () => {
    systemIs("dark");
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    boot();
    expect(root.classList.contains("dark")).toBe(true);
  });
});
