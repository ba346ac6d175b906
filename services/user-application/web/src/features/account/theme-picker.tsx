import { themeLabels } from "@/components/app/theme-button";
import { useThemeChoice } from "@/hooks/use-theme";
import { setThemeChoice, themeChoices } from "@/lib/theme";
import { cn } from "@/lib/utils";

/** What the page looks like in each theme, in the colours of that theme whichever one is on. */
const previews = {
  light: {
    page: "bg-[oklch(0.981_0.006_128)]",
    bar: "bg-[oklch(0.925_0.024_132)]",
    line: "bg-[oklch(0.48_0.025_163)]",
    button: "bg-[oklch(0.345_0.069_163)]",
  },
  dark: {
    page: "bg-[oklch(0.172_0.016_168)]",
    bar: "bg-[oklch(0.265_0.028_163)]",
    line: "bg-[oklch(0.74_0.022_150)]",
    button: "bg-[oklch(0.88_0.185_122)]",
  },
} as const;

function Preview({ theme, className }: { theme: keyof typeof previews; className?: string }) {
  const { page, bar, line, button } = previews[theme];
  return (
    <span className={cn("absolute inset-0 flex", page, className)}>
      <span className={cn("w-1/4", bar)} />
      <span className="grid flex-1 content-center gap-1.5 pl-[12%]">
        <span className={cn("h-1 w-3/5 rounded-full", line)} />
        <span className={cn("h-1 w-4/5 rounded-full opacity-50", line)} />
        <span className={cn("mt-0.5 h-2 w-2/5 rounded-sm", button)} />
      </span>
    </span>
  );
}

export function ThemePicker() {
  const chosen = useThemeChoice();
  return (
    <fieldset className="grid max-w-md grid-cols-3 gap-3">
      <legend className="sr-only">Theme</legend>
      {themeChoices.map((choice) => {
        const { label, icon: Icon } = themeLabels[choice];
        return (
          <label
            key={choice}
            className="cursor-pointer rounded-lg border p-2 text-sm transition-colors has-checked:border-primary has-checked:bg-accent has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2 hover:bg-accent/60"
          >
            <input
              type="radio"
              name="theme"
              value={choice}
              checked={choice === chosen}
              onChange={() => setThemeChoice(choice)}
              className="sr-only"
            />
            <span
              aria-hidden="true"
              className="relative block h-16 overflow-hidden rounded-md border border-foreground/25"
            >
              <Preview theme={choice === "dark" ? "dark" : "light"} />
              {choice === "system" && (
                <Preview theme="dark" className="[clip-path:polygon(58%_0,100%_0,100%_100%,42%_100%)]" />
              )}
            </span>
            <span className="mt-2 flex items-center gap-1.5 font-medium max-[23rem]:[&_svg]:hidden [&_svg]:size-3.5">
              <Icon aria-hidden="true" /> {label}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
