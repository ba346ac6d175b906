import { Link } from "@tanstack/react-router";
import { ChartNoAxesColumn } from "lucide-react";
import { Page, PageHeader } from "@/components/app/page";
import { buttonVariants } from "@/components/ui/button";
import { Empty, EmptyActions, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { useWorkspace } from "@/features/workspaces/use-workspace";
import { AnalyticsPanels } from "./analytics-panels";
import type { AnalyticsSearch } from "./search";

/** The clicks of all links of the workspace. */
export function AnalyticsPage({
  search,
  onSearchChange,
}: {
  search: AnalyticsSearch;
  onSearchChange: (change: Partial<AnalyticsSearch>) => void;
}) {
  const workspace = useWorkspace();
  return (
    <Page>
      <PageHeader title="Analytics" description={`Clicks on all links of ${workspace.name}`} />
      <AnalyticsPanels
        subject={{ workspace: workspace.id }}
        workspaceSlug={workspace.slug}
        search={search}
        onSearchChange={onSearchChange}
        whenEmpty={search.range === "all" ? <NothingYet workspaceSlug={workspace.slug} /> : null}
      />
    </Page>
  );
}

function NothingYet({ workspaceSlug }: { workspaceSlug: string }) {
  return (
    <Empty className="py-20">
      <EmptyMedia>
        <ChartNoAxesColumn />
      </EmptyMedia>
      <div>
        <EmptyTitle>No clicks yet</EmptyTitle>
        <EmptyDescription>
          Share a link: its clicks appear here within seconds, by country and source.
        </EmptyDescription>
      </div>
      <EmptyActions>
        <Link to="/app/$workspace/links" params={{ workspace: workspaceSlug }} className={buttonVariants()}>
          Go to your links
        </Link>
      </EmptyActions>
    </Empty>
  );
}
