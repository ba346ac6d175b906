import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { BreakdownContent } from "./breakdown-content";
import type { Question } from "./queries";

/** The sites visitors came from. */
export function ReferrersPanel({ question }: { question: Question }) {
  return (
    <Card>
      <CardHeader>
        <CardTitle>Referrers</CardTitle>
      </CardHeader>
      <CardContent>
        <BreakdownContent
          question={question}
          by="referers"
          heading="Site"
          caption="Clicks by referring site"
        />
      </CardContent>
    </Card>
  );
}
