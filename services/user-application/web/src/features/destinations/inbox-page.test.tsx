import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Destination, DestinationSummary, Evaluation, EvaluationStatus } from "@/api/gen";
import { openPage, refusal, type SentRequest, serve } from "@/features/links/page.fixture";

const at = "2026-11-22T12:00:00.000Z";

const evaluation: Evaluation = {
  id: "evl_1",
  destinationId: "dest_1",
  linkId: "link_1",
  url: "https://shop.example.com/shoes",
  trigger: "schedule",
  attempt: 1,
  startedAt: at,
  finishedAt: at,
  durationMs: 2_000,
  verdict: "NOT_AVAILABLE",
  failure: null,
  reason: "out_of_stock",
  reasonText: "It is sold out.",
  confidence: 0.9,
  decidedBy: "rules",
  evidence: [{ block: 3, zone: "main", text: "Sold out today", rect: null }],
  httpStatus: 200,
  finalUrl: null,
  redirects: [],
  navError: null,
  guardDenied: null,
  title: "Shoes",
  lang: "en",
  contentHash: null,
  requests: 1,
  bytes: 1,
  timings: { firstByteMs: 1, contentLoadedMs: 2, settledMs: 3, totalMs: 4 },
  browserVersion: null,
  rulesVersion: "1",
  ai: null,
  artifacts: [],
  judged: null,
  overriddenBy: null,
  overriddenAt: null,
};

const destination: Destination = {
  id: "dest_1",
  url: "https://shop.example.com/shoes",
  state: "broken",
  since: at as Destination["since"],
  reason: "out_of_stock",
  reasonText: "It is sold out.",
  held: false,
  pin: null,
  pinnedBy: null,
  pinnedAt: null,
  down: true,
  servingBackup: true,
  linkCount: 1,
  backupLinkCount: 0,
  links: [{ id: "link_1", shortLink: "https://go.example.com/shoes", title: null }],
  lastEvaluation: evaluation,
  lastCheckedAt: at,
  valueAtRisk: [{ currency: "EUR", minor: 1_200 }],
  createdAt: at as Destination["createdAt"],
};

const summary: DestinationSummary = {
  unknown: 0,
  ok: 0,
  suspect: 0,
  broken: 0,
  held: 0,
  pinned: 0,
  down: 0,
  attention: 0,
};

const status: EvaluationStatus = {
  enabled: true,
  browser: { available: true, version: "Chrome/140", problem: null },
  ai: { configured: false, model: null },
  checks: { perDay: 100, today: 1 },
  aiCalls: { perDay: 0, today: 0 },
  intervalSeconds: 3_600,
  failover: {
    confirmAfterSeconds: 600,
    confirmTransientAfterSeconds: 1_800,
    recoverAfterSeconds: 600,
    heldBackSince: null,
  },
};

function serveInbox(handlers: Parameters<typeof serve>[0] = {}): SentRequest[] {
  return serve({
    "GET /api/destinations/health": () => Response.json([destination]),
    "GET /api/destinations/summary": () => Response.json(summary),
    "GET /api/evaluations/status": () => Response.json(status),
    ...handlers,
  });
}

describe("the health inbox", () => {
  it("says what is wrong, by which words, whom it concerns and what it costs", async () => {
    serveInbox();
    openPage("/app/acme/health");
    expect(await screen.findByText("It is sold out.")).toBeTruthy();
    expect(screen.getByText("“Sold out today”")).toBeTruthy();
    expect(screen.getByText("Serving backup")).toBeTruthy();
    expect(screen.getByText("€12.00 a day")).toBeTruthy();
    expect(screen.getByRole("link", { name: "go.example.com/shoes" }).getAttribute("href")).toContain(
      "/links/link_1?view=health",
    );
    expect(screen.getByText(/There was no browser/)).toBeTruthy();
    expect(await screen.findByText(/rules alone decide/)).toBeTruthy();
  });

  it("marks the check wrong that is shown, once that is confirmed", async () => {
    const sent = serveInbox({
      "POST /api/destinations/dest_1/mark-wrong": () => Response.json({ evaluation, destination }),
    });
    openPage("/app/acme/health");
    await userEvent.click(await screen.findByRole("button", { name: /Mark wrong: the last check of / }));
    const posted = () => sent.filter(({ method }) => method === "POST");
    expect(posted()).toEqual([]);
    await userEvent.click(await screen.findByRole("button", { name: "It is available" }));
    await waitFor(() => expect(posted().map(({ body }) => body)).toEqual([{ evaluationId: "evl_1" }]));
  });

  it("tells nothing checked, all well and nothing found apart", async () => {
    serveInbox({
      "GET /api/destinations/health": () => Response.json([]),
      "GET /api/destinations/summary": () => Response.json({ ...summary, ok: 3 }),
    });
    openPage("/app/acme/health");
    expect(await screen.findByText("All is well")).toBeTruthy();
    serveInbox({ "GET /api/destinations/health": () => Response.json([]) });
    openPage("/app/acme/health");
    expect(await screen.findByText("Nothing was checked yet")).toBeTruthy();
    openPage("/app/acme/health?show=pinned");
    expect(await screen.findByText("No destination matches")).toBeTruthy();
  });

  it("says that it did not load, and asks again when told to", async () => {
    let isDown = true;
    serveInbox({
      "GET /api/destinations/health": () =>
        isDown ? refusal(500, "internal_server_error") : Response.json([destination]),
    });
    openPage("/app/acme/health");
    const again = await screen.findByRole("button", { name: "Try again" });
    isDown = false;
    await userEvent.click(again);
    expect(await screen.findByText("It is sold out.")).toBeTruthy();
  });
});
