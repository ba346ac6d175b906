import type {
  Analytics,
  ClickCount,
  ClicksByBrowser,
  ClicksByCountry,
  ClicksByDevice,
  ClicksByLink,
  ClicksByOs,
  ClicksByReferer,
  ClicksInPeriod,
  GetAnalyticsData,
} from "@/api/gen";
import { getAnalyticsOptions, getAnalyticsQueryKey } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import type { Entry } from "./breakdown";
import type { Range } from "./range";

/** Whose clicks: those of one link, or of the whole workspace (by their ids). */
export type Subject = { workspace: string; linkId?: string };

/** Which clicks: whose, from which time, with days that begin in which zone. */
export type Question = Subject & { range: Range; timezone: string };

/** What clicks can be broken down by. */
export type Breakdown = "countries" | "referers" | "devices" | "browsers" | "os";

type Query = NonNullable<GetAnalyticsData["query"]>;
type GroupBy = NonNullable<Query["groupBy"]>;

function questionOf(queryKey: readonly unknown[]) {
  return queryKey[0] as Partial<Pick<GetAnalyticsData, "headers" | "query">> | undefined;
}

function optionsFor({ workspace, linkId, range, timezone }: Question, groupBy: GroupBy) {
  const query = { ...(linkId ? { linkId } : {}), groupBy, interval: range, timezone };
  return {
    ...getAnalyticsOptions({ ...workspaceScope({ id: workspace }), query }),
    staleTime: 10_000,
    // While another range loads, the last one stays on screen, but never the clicks of another link or another grouping.
    placeholderData: (previous: Analytics | undefined, asked?: { queryKey: readonly unknown[] }) => {
      const before = asked && questionOf(asked.queryKey);
      const same =
        before?.headers?.["X-Workspace-Id"] === workspace &&
        before.query?.linkId === linkId &&
        before.query?.groupBy === groupBy;
      return same ? previous : undefined;
    },
  };
}

/** Begins the key of every question about a subject, whatever its range and grouping. */
export function subjectKey({ workspace, linkId }: Subject) {
  return getAnalyticsQueryKey({
    ...workspaceScope({ id: workspace }),
    ...(linkId ? { query: { linkId } } : {}),
  });
}

/** True for the keys of `countQuery`. */
export function asksForCount(queryKey: readonly unknown[]): boolean {
  return questionOf(queryKey)?.query?.groupBy === "count";
}

// The answer's shape goes with `groupBy`, which the contract says in words only; each reader below is its one place.
const readCount = (data: Analytics) => (data as ClickCount).clicks;
const readPeriods = (data: Analytics) => data as ClicksInPeriod[];
const readLinks = (data: Analytics) => data as ClicksByLink[];
const readEntries: Record<Breakdown, (data: Analytics) => Entry[]> = {
  countries: (data) => (data as ClicksByCountry[]).map(({ country, clicks }) => ({ value: country, clicks })),
  referers: (data) => (data as ClicksByReferer[]).map(({ referer, clicks }) => ({ value: referer, clicks })),
  devices: (data) => (data as ClicksByDevice[]).map(({ device, clicks }) => ({ value: device, clicks })),
  browsers: (data) => (data as ClicksByBrowser[]).map(({ browser, clicks }) => ({ value: browser, clicks })),
  os: (data) => (data as ClicksByOs[]).map(({ os, clicks }) => ({ value: os, clicks })),
};

export function countQuery(question: Question) {
  return { ...optionsFor(question, "count"), select: readCount };
}

export function timeseriesQuery(question: Question) {
  return { ...optionsFor(question, "timeseries"), select: readPeriods };
}

export function breakdownQuery(question: Question, groupBy: Breakdown) {
  return { ...optionsFor(question, groupBy), select: readEntries[groupBy] };
}

export function topLinksQuery(question: Question) {
  return { ...optionsFor(question, "top_links"), select: readLinks };
}
