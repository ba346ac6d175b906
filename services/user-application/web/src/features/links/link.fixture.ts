import type { ShortLink } from "./link";

/** A link for tests; only what a test is about needs to be given. */
export function sampleLink(change: Partial<ShortLink> = {}): ShortLink {
  return {
    id: "link_01jd8q3k5v7w9x0y1z2a3b4c5d",
    domain: "go.example.com",
    key: "sale",
    url: "https://example.com",
    shortLink: "https://go.example.com/sale",
    externalId: null,
    title: null,
    comments: null,
    archived: false,
    geo: null,
    rules: [],
    backupUrls: [],
    geoBackupUrls: null,
    monitor: { enabled: true, interval: null, phrases: { available: [], unavailable: [] } },
    clickValue: null,
    health: null,
    clicks: 0,
    lastClicked: null,
    userId: null,
    workspaceId: "ws_01jd8q3k5v7w9x0y1z2a3b4c5d",
    createdAt: "2026-11-22T10:00:00.000Z",
    updatedAt: "2026-11-22T10:00:00.000Z",
    ...change,
  };
}
