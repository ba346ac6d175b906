import { CircleCheck, ExternalLink } from "lucide-react";
import { useEffect, useRef } from "react";
import { CopyButton } from "@/components/app/copy-button";
import { buttonVariants } from "@/components/ui/button";
import { displayAddress, type ShortLink } from "../link";

/** After a link was created: its address, and ways to use and to try it. */
export function CreatedLink({ link, copied }: { link: ShortLink; copied: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="grid gap-6">
      <div className="grid justify-items-center gap-3 rounded-2xl bg-ink px-6 py-8 text-center text-ink-foreground">
        <CircleCheck className="size-8 text-signal" aria-hidden="true" />
        <h2 ref={heading} tabIndex={-1} className="font-medium text-ink-muted text-sm outline-none">
          Your link is live{copied ? " and copied" : ""}
        </h2>
        <p className="select-all break-all font-display font-semibold text-2xl tracking-tight">
          {displayAddress(link)}
        </p>
        <div className="mt-2 flex flex-wrap justify-center gap-2">
          <CopyButton text={link.shortLink} variant="signal" />
          <a
            href={link.shortLink}
            target="_blank"
            rel="noreferrer"
            className={buttonVariants({
              variant: "outline",
              className: "border-ink-border bg-transparent text-ink-foreground hover:bg-ink-foreground/10",
            })}
          >
            <ExternalLink aria-hidden="true" /> Open
          </a>
        </div>
      </div>
      <TryCommand link={link} />
    </div>
  );
}

/** A line for the terminal that follows the link once and prints where it leads; it counts as a click, as a press does. */
export function TryCommand({ link }: { link: Pick<ShortLink, "shortLink"> }) {
  const command = `curl -so /dev/null -w '%{http_code} %{redirect_url}\\n' ${link.shortLink}`;
  return (
    <div className="grid min-w-0 gap-2">
      <p className="text-muted-foreground text-sm">Or see in a terminal where it leads you:</p>
      <div className="flex min-w-0 items-center gap-2 rounded-lg border bg-muted/60 py-1 pr-1 pl-3">
        <code
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable with the keyboard
          tabIndex={0}
          className="focus-ring min-w-0 flex-1 overflow-x-auto whitespace-nowrap rounded-sm py-1 font-mono text-[0.8125rem]"
        >
          {command}
        </code>
        <CopyButton text={command} label="Copy the command" variant="ghost" />
      </div>
      <p className="text-muted-foreground text-xs">
        This counts as a click. <code>curl -I</code> asks with HEAD: the answer is the same, but it is not
        counted.
      </p>
    </div>
  );
}
