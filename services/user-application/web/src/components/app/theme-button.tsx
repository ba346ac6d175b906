import { Monitor, Moon, Sun } from "lucide-react";
import { buttonVariants } from "@/components/ui/button";
import { useThemeChoice } from "@/hooks/use-theme";
import { nextThemeChoice, setThemeChoice, type ThemeChoice } from "@/lib/theme";

export const themeLabels = {
  system: { label: "System", icon: Monitor },
  light: { label: "Light", icon: Sun },
  dark: { label: "Dark", icon: Moon },
} as const satisfies Record<ThemeChoice, unknown>;

/** Steps through the themes. On the public pages, where a menu would be most of what has to be loaded. */
export function ThemeButton() {
  const choice = useThemeChoice();
  const next = nextThemeChoice(choice);
  const { label, icon: Icon } = themeLabels[choice];
  return (
    <button
      type="button"
      className={buttonVariants({ variant: "ghost", size: "icon" })}
      aria-label={`Theme: ${label}. Change to ${themeLabels[next].label}.`}
      title={`Theme: ${label}`}
      onClick={() => setThemeChoice(next)}
    >
      <Icon aria-hidden="true" />
    </button>
  );
}
