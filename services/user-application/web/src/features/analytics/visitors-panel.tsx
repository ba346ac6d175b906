import { Card } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { BreakdownContent } from "./breakdown-content";
import type { Question } from "./queries";
import { type VisitorTab, visitorTabs } from "./search";

const names: Record<VisitorTab, { tab: string; heading: string; caption: string }> = {
  devices: { tab: "Devices", heading: "Device", caption: "Clicks by kind of device" },
  browsers: { tab: "Browsers", heading: "Browser", caption: "Clicks by browser" },
  os: { tab: "Systems", heading: "Operating system", caption: "Clicks by operating system" },
};

/** What visitors use: one tab each for devices, browsers and operating systems. */
export function VisitorsPanel({
  question,
  tab,
  onTabChange,
}: {
  question: Question;
  tab: VisitorTab;
  onTabChange: (tab: VisitorTab) => void;
}) {
  return (
    <Card className="px-5 pt-2">
      <h2 className="sr-only">What visitors use</h2>
      <Tabs value={tab} onValueChange={(value: VisitorTab) => onTabChange(value)} className="gap-[0.6875rem]">
        <TabsList className="gap-5">
          {visitorTabs.map((name) => (
            <TabsTrigger key={name} value={name} className="px-0">
              {names[name].tab}
            </TabsTrigger>
          ))}
        </TabsList>
        {visitorTabs.map((name) => (
          <TabsContent key={name} value={name}>
            <BreakdownContent
              question={question}
              by={name}
              heading={names[name].heading}
              caption={names[name].caption}
            />
          </TabsContent>
        ))}
      </Tabs>
    </Card>
  );
}
