import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ChartNoAxesColumn, ChevronLeft, HeartPulse, MousePointerClick } from "lucide-react";
import { lazy, Suspense } from "react";
import { toApiError } from "@/api/errors";
import { ErrorState } from "@/components/app/error-state";
import { Page } from "@/components/app/page";
import { buttonVariants } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Empty, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { AnalyticsPanels } from "@/features/analytics/analytics-panels";
import { useWorkspace } from "@/features/workspaces/use-workspace";
import { canWriteLinks } from "@/features/workspaces/workspace";
import { LinkBuilderSheet } from "./builder/link-builder-sheet";
import { DestinationsCard } from "./destinations-card";
import type { ShortLink } from "./link";
import { LinkHeader } from "./link-header";
import { linkQuery } from "./queries";
import type { LinkSearch } from "./search";
import { TryCommand } from "./try-command";

const HealthTab = lazy(async () => ({ default: (await import("@/features/health/health-tab")).HealthTab }));

/** One link: where it leads, and its clicks as they happen. */
export function LinkPage({
  linkId,
  search,
  onSearchChange,
}: {
  linkId: string;
  search: LinkSearch;
  onSearchChange: (change: Partial<LinkSearch>) => void;
}) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const canWrite = canWriteLinks(workspace);
  const query = useQuery(linkQuery(workspace.id, linkId));
  const link = query.data;
  const toList = { to: "/app/$workspace/links", params: { workspace: workspace.slug } } as const;

  return (
    <Page>
      <Link
        {...toList}
        className="focus-ring -mb-2 inline-flex items-center gap-1 justify-self-start rounded-md text-muted-foreground text-sm hover:text-foreground"
      >
        <ChevronLeft className="size-4" aria-hidden="true" /> Links
      </Link>
      {link ? (
        <>
          <LinkHeader
            link={link}
            workspaceId={workspace.id}
            canWrite={canWrite}
            onEdit={() => onSearchChange({ edit: true })}
            onDuplicate={() => void navigate({ ...toList, search: { copy: link.id } })}
            onDeleted={() => void navigate(toList)}
          />
          <Tabs
            value={search.view ?? "overview"}
            onValueChange={(view) =>
              onSearchChange({ view: view === "health" ? "health" : undefined, check: undefined })
            }
          >
            <TabsList aria-label="Parts of this page">
              <TabsTrigger value="overview">
                <ChartNoAxesColumn aria-hidden="true" /> Overview
              </TabsTrigger>
              <TabsTrigger value="health">
                <HeartPulse aria-hidden="true" /> Health
              </TabsTrigger>
            </TabsList>
            <TabsContent value="overview" className="grid grid-cols-[minmax(0,1fr)] gap-6">
              <DestinationsCard link={link} />
              <AnalyticsPanels
                subject={{ workspace: workspace.id, linkId: link.id }}
                workspaceSlug={workspace.slug}
                search={search}
                onSearchChange={onSearchChange}
                whenEmpty={link.clicks === 0 ? <NoClicksYet link={link} /> : null}
              />
            </TabsContent>
            <TabsContent value="health" className="grid grid-cols-[minmax(0,1fr)]">
              <Suspense fallback={<Skeleton className="h-40 rounded-xl" />}>
                <HealthTab
                  link={link}
                  workspaceId={workspace.id}
                  canWrite={canWrite}
                  open={search.check}
                  onOpenChange={(check) => onSearchChange({ check })}
                />
              </Suspense>
            </TabsContent>
          </Tabs>
          <LinkBuilderSheet
            target={canWrite && search.edit ? { kind: "edit", linkId: link.id } : null}
            workspaceId={workspace.id}
            onClose={() => onSearchChange({ edit: undefined })}
            onShow={() => onSearchChange({ edit: undefined })}
          />
        </>
      ) : query.isError ? (
        toApiError(query.error).status === 404 ? (
          <Empty>
            <title>Link not found · Hashroute</title>
            <div>
              <EmptyTitle>There is no such link</EmptyTitle>
              <EmptyDescription>It was deleted, or it belongs to another workspace.</EmptyDescription>
            </div>
            <Link {...toList} className={buttonVariants({ variant: "outline" })}>
              All links
            </Link>
          </Empty>
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : (
        <LinkPageSkeleton />
      )}
    </Page>
  );
}

function NoClicksYet({ link }: { link: ShortLink }) {
  return (
    <Card className="p-2">
      <Empty className="border-0 pb-6">
        <EmptyMedia>
          <MousePointerClick />
        </EmptyMedia>
        <div>
          <EmptyTitle>No clicks yet</EmptyTitle>
          <EmptyDescription>
            This page is watching: the first click appears here within seconds.{" "}
            <a
              href={link.shortLink}
              target="_blank"
              rel="noreferrer"
              className="font-medium text-primary underline underline-offset-4"
            >
              Open the link
            </a>{" "}
            to try it.
          </EmptyDescription>
        </div>
        <div className="w-full max-w-md text-left">
          <TryCommand link={link} />
        </div>
      </Empty>
    </Card>
  );
}

function LinkPageSkeleton() {
  return (
    <div role="status" className="grid gap-6">
      <span className="sr-only">Loading the link…</span>
      <Skeleton className="h-10 w-72" />
      <Skeleton className="h-32 w-full rounded-xl" />
      <Skeleton className="h-80 w-full rounded-xl" />
    </div>
  );
}
