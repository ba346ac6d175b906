import type { ReactNode } from "react";
import { ErrorState } from "@/components/app/error-state";
import { Button } from "@/components/ui/button";
import { Empty, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { Skeleton } from "@/components/ui/skeleton";

interface Asked<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  isError: boolean;
  refetch: () => unknown;
}

/** What a request brought, or what to show in its place. What was there stays when asking again fails. */
export function Panel<Data>({
  of: query,
  loading,
  children,
}: {
  of: Asked<Data>;
  /** What is being loaded, for those who cannot see the shapes. */
  loading: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && (
          <p role="status" className="text-muted-foreground text-sm">
            This could not be refreshed and may be out of date.
          </p>
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PanelSkeleton loading={loading} />;
}

export function PanelSkeleton({ loading }: { loading: string }) {
  return (
    <div role="status" className="grid gap-3">
      <span className="sr-only">Loading {loading}…</span>
      <Skeleton className="h-28 rounded-xl" />
      <Skeleton className="h-28 rounded-xl" />
    </div>
  );
}

export function Nothing({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <Empty>
      <EmptyMedia>{icon}</EmptyMedia>
      <div>
        <EmptyTitle>{title}</EmptyTitle>
        <EmptyDescription>{children}</EmptyDescription>
      </div>
    </Empty>
  );
}

/** A figure with its name, for the `<dl>` of a card. */
export function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{name}</dt>
      <dd className="mt-0.5 break-words font-medium text-sm tabular-nums">{children}</dd>
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-2 gap-x-6 gap-y-3 px-5 sm:grid-cols-3 lg:grid-cols-6">{children}</dl>;
}

/** Details of one thing, for its sheet. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-2 gap-x-6 gap-y-3 text-sm sm:grid-cols-3">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

export function ShowMore({ of: list }: { of: Pages }) {
  if (!list.hasNextPage) return null;
  return (
    <Button
      variant="outline"
      className="justify-self-center"
      aria-disabled={list.isFetchingNextPage || undefined}
      onClick={() => {
        if (!list.isFetchingNextPage) void list.fetchNextPage();
      }}
    >
      {list.isFetchingNextPage ? "Loading…" : "Show more"}
    </Button>
  );
}
