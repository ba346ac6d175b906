export const themeChoices = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof themeChoices)[number];
export type Theme = "light" | "dark";

const storageKey = "hashroute.theme";
const listeners = new Set<() => void>();

// Used only where storage is blocked: the choice then lasts as long as the page.
let unsaved: ThemeChoice = "system";

function isThemeChoice(value: unknown): value is ThemeChoice {
  return themeChoices.some((choice) => choice === value);
}

export function themeChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey);
    return isThemeChoice(stored) ? stored : "system";
  } catch {
    return unsaved;
  }
}

export function resolveTheme(choice: ThemeChoice): Theme {
  if (choice !== "system") return choice;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function apply(): void {
  const theme = resolveTheme(themeChoice());
  document.documentElement.classList.toggle("dark", theme === "dark");
  document.documentElement.style.colorScheme = theme;
  for (const listener of listeners) listener();
}

export function setThemeChoice(choice: ThemeChoice): void {
  unsaved = choice;
  try {
    localStorage.setItem(storageKey, choice);
  } catch {
    // Storage is blocked: keep it for this page.
  }
  apply();
}

/** Follows the system and other tabs. Returns what undoes it. */
export function watchTheme(): () => void {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const onStorage = (event: StorageEvent) => {
    if (event.key === storageKey || event.key === null) apply();
  };
  media.addEventListener("change", apply);
  window.addEventListener("storage", onStorage);
  apply();
  return () => {
    media.removeEventListener("change", apply);
    window.removeEventListener("storage", onStorage);
  };
}

/** Calls `listener` after each change. Returns what ends it. */
export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function nextThemeChoice(choice: ThemeChoice): ThemeChoice {
  return themeChoices[(themeChoices.indexOf(choice) + 1) % themeChoices.length] ?? "system";
}
