import { Link } from "@tanstack/react-router";
import { CornerDownRight } from "lucide-react";
import { CopyButton } from "@/components/app/copy-button";
import { Badge } from "@/components/ui/badge";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { formatClicks } from "@/features/analytics/format";
import { HealthBadge } from "@/features/health/health-badge";
import { cn } from "@/lib/utils";
import { ClickCount } from "./click-count";
import { displayAddress, displayUrl, type ShortLink } from "./link";
import { LinkMenu } from "./link-menu";
import { RelativeTime } from "./relative-time";
import { isRouted, RoutingChips } from "./routing-chips";

export type LinksViewProps = {
  links: ShortLink[];
  workspaceId: string;
  workspaceSlug: string;
  canWrite: boolean;
  onEdit: (link: ShortLink) => void;
  onDuplicate: (link: ShortLink) => void;
};

/** The links of a page of the list, on wide screens. */
export function LinksTable({ links, ...props }: LinksViewProps) {
  return (
    <div className="overflow-hidden rounded-xl border bg-card shadow-xs">
      <Table className="table-fixed">
        <caption className="sr-only">Links, newest first</caption>
        <TableHeader>
          <TableRow className="bg-muted/50 hover:bg-muted/50">
            <TableHead className="w-[37%] xl:w-[28%]">Short link</TableHead>
            <TableHead>Destination</TableHead>
            <TableHead className="hidden w-46 xl:table-cell">Routing</TableHead>
            <TableHead className="w-28 text-right xl:w-22">Clicks</TableHead>
            <TableHead className="hidden w-28 xl:table-cell">Last click</TableHead>
            <TableHead className="hidden w-26 min-[88rem]:table-cell">Created</TableHead>
            <TableHead className="w-14">
              <span className="sr-only">Actions</span>
            </TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {links.map((link) => (
            <TableRow key={link.id} className="group">
              <TableCell>
                <ShortAddress link={link} workspaceSlug={props.workspaceSlug} />
              </TableCell>
              <TableCell>
                <span className="block truncate text-muted-foreground" title={link.url}>
                  {displayUrl(link.url)}
                </span>
                {isRouted(link) && (
                  <span className="mt-1 flex xl:hidden">
                    <RoutingChips link={link} />
                  </span>
                )}
              </TableCell>
              <TableCell className="hidden xl:table-cell">
                <RoutingChips link={link} />
              </TableCell>
              <TableCell className="text-right">
                <ClickCount clicks={link.clicks} className="font-semibold" />
                {link.lastClicked && (
                  <span className="mt-0.5 block whitespace-nowrap text-muted-foreground text-xs xl:hidden">
                    <RelativeTime iso={link.lastClicked} />
                  </span>
                )}
              </TableCell>
              <TableCell className="hidden text-muted-foreground xl:table-cell">
                {link.lastClicked ? <RelativeTime iso={link.lastClicked} /> : "Never"}
              </TableCell>
              <TableCell className="hidden text-muted-foreground min-[88rem]:table-cell">
                <RelativeTime iso={link.createdAt} />
              </TableCell>
              <TableCell className="pr-3 text-right">
                <RowMenu link={link} {...props} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

/** The same links as cards, on phones. */
export function LinkCards({ links, ...props }: LinksViewProps) {
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-3 sm:grid-cols-2">
      {links.map((link) => (
        <li
          key={link.id}
          className="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-xl border bg-card p-4 shadow-xs"
        >
          <div className="flex items-center gap-1">
            <ShortAddress link={link} workspaceSlug={props.workspaceSlug} className="flex-1" />
            <RowMenu link={link} {...props} />
          </div>
          <p className="flex min-w-0 items-center gap-2 text-muted-foreground text-sm">
            <CornerDownRight className="size-4 shrink-0" aria-hidden="true" />
            <span className="sr-only">leads to</span>
            <span className="truncate">{displayUrl(link.url)}</span>
          </p>
          <div className="flex items-center justify-between gap-3 border-t pt-3 text-sm">
            <RoutingChips link={link} />
            <p className="text-right text-muted-foreground text-xs">
              <span className="sr-only">{formatClicks(link.clicks)}</span>
              <span aria-hidden="true">
                <ClickCount clicks={link.clicks} className="font-semibold text-foreground text-sm" />{" "}
                {link.clicks === 1 ? "click" : "clicks"}
              </span>
              {link.lastClicked && (
                <>
                  {" · "}
                  <RelativeTime iso={link.lastClicked} />
                </>
              )}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function ShortAddress({
  link,
  workspaceSlug,
  className,
}: {
  link: ShortLink;
  workspaceSlug: string;
  className?: string;
}) {
  return (
    <div className={cn("flex min-w-0 items-center justify-between gap-1", className)}>
      <div className="min-w-0">
        <Link
          to="/app/$workspace/links/$linkId"
          params={{ workspace: workspaceSlug, linkId: link.id }}
          aria-label={displayAddress(link)}
          title={displayAddress(link)}
          className="focus-ring flex min-w-0 rounded-sm font-medium underline-offset-4 hover:underline"
        >
          {/* Where room is short, the host gives way first: the slug is what tells links apart. */}
          <span className="min-w-8 shrink-[9999] truncate text-muted-foreground">{link.domain}</span>
          <span className="text-muted-foreground">/</span>
          <span className="truncate">{link.key}</span>
        </Link>
        <p className="mt-1 flex empty:hidden">
          <HealthBadge health={link.health} />
        </p>
        {(link.title || link.archived) && (
          <p className="mt-0.5 flex min-w-0 items-center gap-1.5 text-muted-foreground text-xs">
            {link.archived && <Badge className="px-1.5 py-0 text-[0.6875rem]">Archived</Badge>}
            <span className="truncate">{link.title}</span>
          </p>
        )}
      </div>
      <CopyButton
        text={link.shortLink}
        label={`Copy ${displayAddress(link)}`}
        variant="ghost"
        className="text-muted-foreground"
      />
    </div>
  );
}

function RowMenu({
  link,
  workspaceId,
  canWrite,
  onEdit,
  onDuplicate,
}: Omit<LinksViewProps, "links"> & { link: ShortLink }) {
  return (
    <LinkMenu
      link={link}
      workspaceId={workspaceId}
      canWrite={canWrite}
      onEdit={() => onEdit(link)}
      onDuplicate={() => onDuplicate(link)}
    />
  );
}
