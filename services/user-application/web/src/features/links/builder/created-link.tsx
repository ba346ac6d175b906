import { CircleCheck, ExternalLink } from "lucide-react";
import { useEffect, useRef } from "react";
import { CopyButton } from "@/components/app/copy-button";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/lib/utils";
import type { ShortLink } from "../link";
import { TryCommand } from "../try-command";

/** After a link was created: its address, and ways to use and to try it. */
export function CreatedLink({ link }: { link: ShortLink }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="grid gap-6">
      <div className="grid justify-items-center gap-3 rounded-2xl bg-ink px-6 py-8 text-center text-ink-foreground">
        <CircleCheck className="size-8 text-signal" aria-hidden="true" />
        <h2 ref={heading} tabIndex={-1} className="font-medium text-ink-muted text-sm outline-none">
          Your link is live
        </h2>
        <p className="wrap-anywhere select-all font-display font-semibold text-2xl tracking-tight">
          {link.domain}
          <wbr />/{link.key}
        </p>
        <div className="mt-2 flex flex-wrap justify-center gap-2">
          <CopyButton text={link.shortLink} variant="signal" className="min-w-28" />
          <a
            href={link.shortLink}
            target="_blank"
            rel="noreferrer"
            className={cn(
              buttonVariants({ variant: "outline" }),
              "border-ink-border bg-transparent text-ink-foreground hover:bg-ink-foreground/10",
            )}
          >
            <ExternalLink aria-hidden="true" /> Open
          </a>
        </div>
      </div>
      <TryCommand link={link} />
    </div>
  );
}
