import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { entryLabel } from "./breakdown";
import { BreakdownTable } from "./breakdown-table";
import { PanelContent } from "./panel-states";
import { breakdownQuery, type Question } from "./queries";
import { RowsSkeleton } from "./rows-skeleton";
import { type Source, sources } from "./search";

const names: Record<Source, { tab: string; heading: string; caption: string }> = {
  referers: { tab: "Referrers", heading: "Site", caption: "Clicks by referring site" },
  devices: { tab: "Devices", heading: "Device", caption: "Clicks by kind of device" },
  browsers: { tab: "Browsers", heading: "Browser", caption: "Clicks by browser" },
  os: { tab: "Systems", heading: "Operating system", caption: "Clicks by operating system" },
};

/** What visitors came from and came with, one tab each. */
export function SourcesPanel({
  question,
  source,
  onSourceChange,
}: {
  question: Question;
  source: Source;
  onSourceChange: (source: Source) => void;
}) {
  const query = useQuery(breakdownQuery(question, source));
  return (
    <Card className="px-5 pt-2">
      <h2 className="sr-only">Where visitors come from and what they use</h2>
      <Tabs value={source} onValueChange={(value: Source) => onSourceChange(value)} className="gap-4">
        <TabsList className="-mx-2 w-auto">
          {sources.map((name) => (
            <TabsTrigger key={name} value={name}>
              {names[name].tab}
            </TabsTrigger>
          ))}
        </TabsList>
        {sources.map((name) => (
          <TabsContent key={name} value={name}>
            <PanelContent query={query} skeleton={<RowsSkeleton />}>
              {(entries) => (
                <BreakdownTable
                  caption={names[name].caption}
                  heading={names[name].heading}
                  entries={entries}
                  total={entries.reduce((sum, { clicks }) => sum + clicks, 0)}
                  renderName={(value) => <span className="truncate">{entryLabel(value)}</span>}
                />
              )}
            </PanelContent>
          </TabsContent>
        ))}
      </Tabs>
    </Card>
  );
}
