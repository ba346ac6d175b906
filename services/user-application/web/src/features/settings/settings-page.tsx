import { KeyRound, SlidersHorizontal } from "lucide-react";
import { Page, PageHeader } from "@/components/app/page";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useWorkspace } from "@/features/workspaces/use-workspace";
import { ApiKeysSection } from "./api-keys-section";
import { GeneralSection } from "./general-section";

export type SettingsTab = "general" | "api-keys";

export function SettingsPage({
  tab,
  onTabChange,
}: {
  tab: SettingsTab;
  onTabChange: (tab: SettingsTab) => void;
}) {
  const workspace = useWorkspace();
  return (
    <Page>
      <PageHeader title="Settings" description={workspace.name} />
      <Tabs value={tab} onValueChange={onTabChange}>
        <TabsList>
          <TabsTrigger value="general">
            <SlidersHorizontal aria-hidden="true" /> General
          </TabsTrigger>
          <TabsTrigger value="api-keys">
            <KeyRound aria-hidden="true" /> API keys
          </TabsTrigger>
        </TabsList>
        <TabsContent value="general">
          <GeneralSection key={workspace.id} workspace={workspace} />
        </TabsContent>
        <TabsContent value="api-keys">
          <ApiKeysSection workspace={workspace} />
        </TabsContent>
      </Tabs>
    </Page>
  );
}
