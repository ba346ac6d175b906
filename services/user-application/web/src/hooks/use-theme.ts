import { useSyncExternalStore } from "react";
import { resolveTheme, subscribeTheme, type Theme, type ThemeChoice, themeChoice } from "@/lib/theme";

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribeTheme, themeChoice);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribeTheme, () => resolveTheme(themeChoice()));
}
