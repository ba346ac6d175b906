import { CopyButton } from "@/components/app/copy-button";
import type { ShortLink } from "./link";
import { tryCommand } from "./sample-visitors";

/** A line for the terminal that follows the link and shows where it leads; it counts as a click, as a press does. */
export function TryCommand({ link }: { link: Pick<ShortLink, "shortLink" | "geo"> }) {
  const { command, from } = tryCommand(link);
  return (
    <div className="grid min-w-0 gap-2">
      <p className="text-muted-foreground text-sm">
        {from
          ? `Or follow it in a terminal, as a visitor from ${from} would:`
          : "Or follow it in a terminal:"}
      </p>
      <div className="flex min-w-0 items-start gap-2 rounded-lg border bg-muted/60 py-1 pr-1 pl-3">
        <code className="wrap-anywhere min-w-0 flex-1 py-1.5 font-mono text-[0.8125rem] leading-normal">
          {command}
        </code>
        <CopyButton text={command} label="Copy the command" variant="ghost" />
      </div>
      <p className="text-pretty text-muted-foreground text-xs">
        The line <code>location</code> names the destination{from && "; without the header it is yours"}. Each
        run counts as a click, except with HEAD (<code>curl -I</code>).
      </p>
    </div>
  );
}
