import { ExternalLink, Pencil } from "lucide-react";
import { CopyButton } from "@/components/app/copy-button";
import { Badge } from "@/components/ui/badge";
import { Button, buttonVariants } from "@/components/ui/button";
import { HealthBadge } from "@/features/health/health-badge";
import { cn } from "@/lib/utils";
import { displayAddress, type ShortLink } from "./link";
import { LinkMenu } from "./link-menu";
import { RelativeTime } from "./relative-time";

/** The link's address and what can be done with it. */
export function LinkHeader({
  link,
  canWrite,
  onEdit,
  ...menu
}: {
  link: ShortLink;
  workspaceId: string;
  canWrite: boolean;
  onEdit: () => void;
  onDuplicate: () => void;
  onDeleted: () => void;
}) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
      <title>{`${displayAddress(link)} · Hashroute`}</title>
      <div className="min-w-0">
        <h1 className="wrap-anywhere text-wrap font-semibold text-[1.75rem] leading-tight">
          <span className="text-muted-foreground">{link.domain}/</span>
          <wbr />
          {link.key}
        </h1>
        <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-muted-foreground text-sm">
          <HealthBadge health={link.health} explained />
          {link.archived && <Badge>Archived</Badge>}
          {link.title && <span className="font-medium text-foreground">{link.title}</span>}
          {link.title && <span aria-hidden="true">·</span>}
          <span>
            Created <RelativeTime iso={link.createdAt} />
          </span>
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <CopyButton text={link.shortLink} variant="default" />
        <a
          href={link.shortLink}
          target="_blank"
          rel="noreferrer"
          className={cn(buttonVariants({ variant: "outline" }), "max-[23.5rem]:w-9 max-[23.5rem]:px-0")}
        >
          <ExternalLink aria-hidden="true" /> <span className="max-[23.5rem]:sr-only">Open</span>
        </a>
        {canWrite && (
          <Button variant="outline" onClick={onEdit}>
            <Pencil aria-hidden="true" /> Edit
          </Button>
        )}
        <LinkMenu link={link} canWrite={canWrite} onEdit={onEdit} {...menu} />
      </div>
    </header>
  );
}
