import { Box, CalendarClock, Inbox, MailWarning, ShieldX, Workflow } from "lucide-react";
import { lazy, Suspense } from "react";
import { Page, PageHeader } from "@/components/app/page";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { Nothing, PanelSkeleton } from "./panel";
import { QueuesPanel } from "./queues-panel";
import type { AdminSearch, AdminTab, ChangeSearch } from "./search";

// A tab's code comes with the tab.
const DeadLettersPanel = lazy(async () => ({
  default: (await import("./dead-letters-panel")).DeadLettersPanel,
}));
const WorkflowsPanel = lazy(async () => ({ default: (await import("./workflows-panel")).WorkflowsPanel }));
const ObjectsPanel = lazy(async () => ({ default: (await import("./objects-panel")).ObjectsPanel }));
const CronsPanel = lazy(async () => ({ default: (await import("./crons-panel")).CronsPanel }));

/** What goes on behind the pages of the instance, for those who look after it. */
export function AdminPage({
  search,
  onSearchChange,
  onTabChange,
}: {
  search: AdminSearch;
  onSearchChange: ChangeSearch;
  onTabChange: (tab: AdminTab) => void;
}) {
  return (
    <Page>
      <PageHeader title="Instance" description="What waits, what failed, and what runs by itself" />
      <Tabs value={search.tab ?? "queues"} onValueChange={onTabChange}>
        <TabsList>
          <TabsTrigger value="queues">
            <Inbox aria-hidden="true" /> Queues
          </TabsTrigger>
          <TabsTrigger value="dead-letters">
            <MailWarning aria-hidden="true" /> Dead letters
          </TabsTrigger>
          <TabsTrigger value="workflows">
            <Workflow aria-hidden="true" /> Workflows
          </TabsTrigger>
          <TabsTrigger value="objects">
            <Box aria-hidden="true" /> Objects
          </TabsTrigger>
          <TabsTrigger value="crons">
            <CalendarClock aria-hidden="true" /> Schedules
          </TabsTrigger>
        </TabsList>
        <TabsContent value="queues" className="grid gap-4">
          <QueuesPanel onSearchChange={onSearchChange} />
        </TabsContent>
        <TabsContent value="dead-letters" className="grid gap-4">
          <Suspense fallback={<PanelSkeleton loading="dead letters" />}>
            <DeadLettersPanel search={search} onSearchChange={onSearchChange} />
          </Suspense>
        </TabsContent>
        <TabsContent value="workflows" className="grid gap-4">
          <Suspense fallback={<PanelSkeleton loading="runs" />}>
            <WorkflowsPanel search={search} onSearchChange={onSearchChange} />
          </Suspense>
        </TabsContent>
        <TabsContent value="objects" className="grid gap-4">
          <Suspense fallback={<PanelSkeleton loading="objects" />}>
            <ObjectsPanel search={search} onSearchChange={onSearchChange} />
          </Suspense>
        </TabsContent>
        <TabsContent value="crons" className="grid gap-4">
          <Suspense fallback={<PanelSkeleton loading="schedules" />}>
            <CronsPanel search={search} onSearchChange={onSearchChange} />
          </Suspense>
        </TabsContent>
      </Tabs>
    </Page>
  );
}

/** For those who followed a link that is not for them. */
export function AdminsOnly() {
  return (
    <Page>
      <PageHeader title="Instance" />
      <Nothing icon={<ShieldX />} title="Only for admins of this instance">
        Here its queues and background work are looked after. Ask whoever set the instance up.
      </Nothing>
    </Page>
  );
}
