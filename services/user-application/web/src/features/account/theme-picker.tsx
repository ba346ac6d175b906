import { themeLabels } from "@/components/app/theme-button";
import { setThemeChoice, themeChoices, useThemeChoice } from "@/lib/theme";
import { cn } from "@/lib/utils";

const previews = {
  system: "bg-[linear-gradient(115deg,oklch(0.975_0.01_128)_50%,oklch(0.2_0.02_168)_50%)]",
  light: "bg-[oklch(0.975_0.01_128)]",
  dark: "bg-[oklch(0.2_0.02_168)]",
} as const;

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
            <span aria-hidden="true" className={cn("block h-14 rounded-md border", previews[choice])} />
            <span className="mt-2 flex items-center gap-1.5 font-medium [&_svg]:size-3.5">
              <Icon aria-hidden="true" /> {label}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
