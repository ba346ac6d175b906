import type { ReactNode } from "react";
import { ErrorState } from "@/components/app/error-state";
import { cn } from "@/lib/utils";
import { ClicksPanel } from "./clicks-panel";
import { CountriesPanel } from "./countries-panel";
import { LiveNotice } from "./live-notice";
import type { Subject } from "./queries";
import { browserTimeZone } from "./range";
import { RangePicker } from "./range-picker";
import { ReferrersPanel } from "./referrers-panel";
import type { AnalyticsSearch } from "./search";
import { TopLinksPanel } from "./top-links-panel";
import { useLiveCount } from "./use-live-count";
import { VisitorsPanel } from "./visitors-panel";

/** The panels of the analytics pages: of one link, or of a workspace with its most clicked links. */
export function AnalyticsPanels({
  subject,
  workspaceSlug,
  search,
  onSearchChange,
  whenEmpty,
}: {
  subject: Subject;
  workspaceSlug: string;
  search: AnalyticsSearch;
  onSearchChange: (change: Partial<AnalyticsSearch>) => void;
  /** What to show instead of empty panels while there has never been a click; null while that is not so. */
  whenEmpty: ReactNode;
}) {
  const timezone = browserTimeZone();
  const question = { ...subject, range: search.range, timezone };
  const count = useLiveCount(question);
  if (count.data === undefined && count.isError) {
    return <ErrorState error={count.error} onRetry={() => void count.refetch()} />;
  }
  const empty = count.data === 0 ? whenEmpty : null;
  return (
    <section aria-label="Analytics" className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <RangePicker value={search.range} onChange={(range) => onSearchChange({ range })} />
        <LiveNotice query={count} />
      </div>
      {empty ?? (
        <>
          <ClicksPanel question={question} count={count.data} />
          <CountriesPanel question={question} />
          <div className={cn("grid min-w-0 gap-5 lg:grid-cols-2", !subject.linkId && "xl:grid-cols-3")}>
            {!subject.linkId && (
              <TopLinksPanel
                question={question}
                workspaceSlug={workspaceSlug}
                className="lg:col-span-2 xl:col-span-1"
              />
            )}
            <ReferrersPanel question={question} />
            <VisitorsPanel
              question={question}
              tab={search.tab}
              onTabChange={(tab) => onSearchChange({ tab })}
            />
          </div>
        </>
      )}
    </section>
  );
}
