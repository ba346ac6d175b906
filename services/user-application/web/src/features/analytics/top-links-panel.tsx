import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ClicksByLink } from "@/api/gen";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { BreakdownTable } from "./breakdown-table";
import { PanelContent } from "./panel-states";
import { type Question, topLinksQuery } from "./queries";
import { RowsSkeleton } from "./rows-skeleton";

/** The workspace's most clicked links, each leading to its own page. */
export function TopLinksPanel({
  question,
  workspaceSlug,
  className,
}: {
  question: Question;
  workspaceSlug: string;
  className?: string;
}) {
  const query = useQuery(topLinksQuery(question));
  return (
    <Card className={className}>
      <CardHeader>
        <CardTitle>Top links</CardTitle>
      </CardHeader>
      <CardContent>
        <PanelContent query={query} skeleton={<RowsSkeleton />}>
          {(links) => <TopLinks links={links} range={question.range} workspaceSlug={workspaceSlug} />}
        </PanelContent>
      </CardContent>
    </Card>
  );
}

function TopLinks({
  links,
  range,
  workspaceSlug,
}: {
  links: ClicksByLink[];
  range: Question["range"];
  workspaceSlug: string;
}) {
  const byId = new Map(links.map((link) => [link.link, link]));
  return (
    <BreakdownTable
      caption="Clicks by link"
      heading="Link"
      entries={links.map(({ link, clicks }) => ({ value: link, clicks }))}
      renderName={(id) => {
        const link = byId.get(id);
        return (
          <Link
            to="/app/$workspace/links/$linkId"
            params={{ workspace: workspaceSlug, linkId: id }}
            search={{ range }}
            className="focus-ring truncate rounded-sm font-medium underline-offset-4 hover:underline"
          >
            <span className="sr-only">{link?.domain}</span>/{link?.key ?? id}
          </Link>
        );
      }}
    />
  );
}
