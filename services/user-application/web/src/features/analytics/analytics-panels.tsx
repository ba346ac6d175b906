import type { ReactNode } from "react";
import { ErrorState } from "@/components/app/error-state";
import { ClicksPanel } from "./clicks-panel";
import { CountriesPanel } from "./countries-panel";
import { LiveNotice } from "./live-notice";
import type { Subject } from "./queries";
import { browserTimeZone } from "./range";
import { RangePicker } from "./range-picker";
import type { AnalyticsSearch } from "./search";
import { SourcesPanel } from "./sources-panel";
import { TopLinksPanel } from "./top-links-panel";
import { useLiveCount } from "./use-live-count";

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
    <section aria-label="Analytics" className="grid min-w-0 gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <RangePicker value={search.range} onChange={(range) => onSearchChange({ range })} />
        <LiveNotice query={count} />
      </div>
      {empty ?? (
        <>
          <ClicksPanel question={question} count={count.data} />
          <CountriesPanel question={question} />
          <div
            className={
              subject.linkId ? "grid min-w-0 gap-5" : "grid min-w-0 items-start gap-5 lg:grid-cols-2"
            }
          >
            {!subject.linkId && <TopLinksPanel question={question} workspaceSlug={workspaceSlug} />}
            <SourcesPanel
              question={question}
              source={search.source}
              onSourceChange={(source) => onSearchChange({ source })}
            />
          </div>
        </>
      )}
    </section>
  );
}
