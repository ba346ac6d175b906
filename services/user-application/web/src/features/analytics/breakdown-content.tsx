import { useQuery } from "@tanstack/react-query";
import { entryLabel } from "./breakdown";
import { BreakdownTable } from "./breakdown-table";
import { PanelContent } from "./panel-states";
import { type Breakdown, breakdownQuery, type Question } from "./queries";
import { RowsSkeleton } from "./rows-skeleton";

/** A breakdown by a value that is its own name, such as a browser or a site. */
export function BreakdownContent({
  question,
  by,
  heading,
  caption,
}: {
  question: Question;
  by: Exclude<Breakdown, "countries">;
  heading: string;
  caption: string;
}) {
  const query = useQuery(breakdownQuery(question, by));
  return (
    <PanelContent query={query} skeleton={<RowsSkeleton />}>
      {(entries) => (
        <BreakdownTable
          caption={caption}
          heading={heading}
          entries={entries}
          renderName={(value) => <span className="truncate">{entryLabel(value)}</span>}
        />
      )}
    </PanelContent>
  );
}
