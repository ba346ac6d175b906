import { Link2, SearchX } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Empty, EmptyActions, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { Skeleton } from "@/components/ui/skeleton";
import type { LinksFilter } from "./search";

/** The shape of the list while it is on its way. */
export function LinksSkeleton() {
  return (
    <div role="status" className="grid gap-px overflow-hidden rounded-xl border bg-card shadow-xs">
      <span className="sr-only">Loading links…</span>
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <div key={row} className="flex items-center gap-6 border-b px-4 py-4 last:border-0">
          <Skeleton className="h-4 w-44" />
          <Skeleton className="hidden h-4 flex-1 md:block" />
          <Skeleton className="ml-auto h-5 w-20" />
          <Skeleton className="h-4 w-10" />
        </div>
      ))}
    </div>
  );
}

/** The first visit: what links are for, and the way to the first one. */
export function NoLinksYet({ canWrite, onCreate }: { canWrite: boolean; onCreate: () => void }) {
  return (
    <Empty className="py-20">
      <EmptyMedia>
        <Link2 />
      </EmptyMedia>
      <div>
        <EmptyTitle>{canWrite ? "Create your first link" : "No links yet"}</EmptyTitle>
        <EmptyDescription>
          {canWrite
            ? "Give it one destination for everyone, and others for the countries you choose. Every click is counted, by country, device and referring site."
            : "When someone in this workspace creates a link, it appears here."}
        </EmptyDescription>
      </div>
      {canWrite && (
        <EmptyActions>
          <Button onClick={onCreate}>Create a link</Button>
        </EmptyActions>
      )}
    </Empty>
  );
}

/** The filter leaves nothing over. */
export function NoLinksFound({ filter, onClear }: { filter: LinksFilter; onClear: () => void }) {
  return (
    <Empty>
      <EmptyMedia>
        <SearchX />
      </EmptyMedia>
      <div>
        <EmptyTitle>No link matches “{filter.search}”</EmptyTitle>
        <EmptyDescription>
          The search looks at slugs, titles and destinations
          {filter.showArchived ? "." : " of links that are not archived."}
        </EmptyDescription>
      </div>
      <EmptyActions>
        <Button variant="outline" onClick={onClear}>
          Clear the search
        </Button>
      </EmptyActions>
    </Empty>
  );
}

/** Every link is archived, and archived ones are not shown. */
export function OnlyArchived({ onShow }: { onShow: () => void }) {
  return (
    <Empty>
      <EmptyMedia>
        <Link2 />
      </EmptyMedia>
      <div>
        <EmptyTitle>All links are archived</EmptyTitle>
        <EmptyDescription>They keep redirecting and counting.</EmptyDescription>
      </div>
      <EmptyActions>
        <Button variant="outline" onClick={onShow}>
          Show archived links
        </Button>
      </EmptyActions>
    </Empty>
  );
}
