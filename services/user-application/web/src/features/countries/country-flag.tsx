import { cn } from "@/lib/utils";
import { countryFlag } from "./countries";

let drawsFlags: boolean | undefined;

/**
 * Whether this system draws flag emoji. Windows and some Linux systems show the two letters of the code instead;
 * coloured pixels tell the difference.
 */
function canDrawFlags(): boolean {
  drawsFlags ??= drawsInColour(countryFlag("DE"));
  return drawsFlags;
}

function drawsInColour(text: string): boolean {
  if (typeof OffscreenCanvas === "undefined") return false;
  const context = new OffscreenCanvas(16, 16).getContext("2d", { willReadFrequently: true });
  if (!context) return false;
  context.textBaseline = "top";
  context.font = "14px sans-serif";
  context.fillText(text, 0, 0);
  const { data } = context.getImageData(0, 0, 16, 16);
  return data.some((value, index) => index % 4 !== 3 && value !== data[index - (index % 4)]);
}

/** The flag of a country, or its code where the system has no flags. Decoration: the name always stands beside it or in its label. */
export function CountryFlag({ code, className }: { code: string; className?: string }) {
  const known = /^[A-Za-z]{2}$/.test(code);
  if (known && canDrawFlags()) {
    return (
      <span aria-hidden="true" className={cn("w-6 shrink-0 text-center text-base leading-none", className)}>
        {countryFlag(code)}
      </span>
    );
  }
  return (
    <span
      aria-hidden="true"
      className={cn(
        "grid h-5 w-7 shrink-0 place-items-center rounded-[5px] border bg-card font-mono font-semibold text-[0.625rem] text-muted-foreground leading-none tracking-wide",
        className,
      )}
    >
      {known ? code.toUpperCase() : "?"}
    </span>
  );
}
