import { Box, CalendarClock, Inbox, MailWarning, ShieldX, Workflow } from "lucide-react";
import { Page, PageHeader } from "@/components/app/page";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { CronsPanel } from "./crons-panel";
import { DeadLettersPanel } from "./dead-letters-panel";
import { ObjectsPanel } from "./objects-panel";
import { Nothing } from "./panel";
import { QueuesPanel } from "./queues-panel";
import type { AdminSearch, AdminTab, ChangeSearch } from "./search";
import { WorkflowsPanel } from "./workflows-panel";

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
          <DeadLettersPanel search={search} onSearchChange={onSearchChange} />
        </TabsContent>
        <TabsContent value="workflows" className="grid gap-4">
          <WorkflowsPanel search={search} onSearchChange={onSearchChange} />
        </TabsContent>
        <TabsContent value="objects" className="grid gap-4">
          <ObjectsPanel search={search} onSearchChange={onSearchChange} />
        </TabsContent>
        <TabsContent value="crons" className="grid gap-4">
          <CronsPanel search={search} onSearchChange={onSearchChange} />
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
