import { cn } from "@/lib/utils";
import { estimatePassword } from "./password-strength";

const colours = ["", "bg-destructive", "bg-warning", "bg-success", "bg-success"] as const;

/** How strong a password is, as a bar and, unless an error beside it says what to change, in words. */
export function PasswordMeter({
  password,
  own,
  silent,
}: {
  password: string;
  own: readonly string[];
  silent: boolean;
}) {
  const { strength, hint } = estimatePassword(password, own);
  return (
    <div>
      <div aria-hidden="true" className="grid grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={cn(
              "h-1 rounded-full bg-foreground/12 transition-colors",
              step <= strength && colours[strength],
            )}
          />
        ))}
      </div>
      {!silent && <p className="mt-1.5 text-[0.8125rem] text-muted-foreground">{hint}</p>}
    </div>
  );
}
