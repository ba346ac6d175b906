import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Rule } from "@/api/gen";
import { browserTimeZone } from "@/features/analytics/range";
import { sampleLink } from "./link.fixture";
import { openPage, refusal, type SentRequest, serve } from "./page.fixture";

const answers: Record<string, unknown> = {
  timeseries: [
    { start: "2026-11-21T00:00:00.000Z", clicks: 3 },
    { start: "2026-11-22T00:00:00.000Z", clicks: 4 },
  ],
  countries: [
    { country: "DE", clicks: 5 },
    { country: "Unknown", clicks: 2 },
  ],
  referers: [{ referer: "(direct)", clicks: 7 }],
  devices: [{ device: "Mobile", clicks: 7 }],
  browsers: [{ browser: "Firefox", clicks: 7 }],
};

/** A link with so many clicks as `clicks` says at the moment; null stands for a server that fails. */
function serveLink(clicks: () => number | null, everBefore = 7): SentRequest[] {
  return serve({
    "GET /api/links/link_1": () =>
      Response.json(sampleLink({ id: "link_1", clicks: everBefore, geo: { FR: "https://fr.example.com/" } })),
    "GET /api/analytics": ({ url }) => {
      const groupBy = url.searchParams.get("groupBy") ?? "count";
      const count = clicks();
      if (count === null) return refusal(500, "internal_server_error");
      if (groupBy === "count") return Response.json({ clicks: count });
      return Response.json(count === 0 ? [] : answers[groupBy]);
    },
  });
}

const asked = (sent: SentRequest[], groupBy: string) =>
  sent.filter(({ url }) => url.searchParams.get("groupBy") === groupBy);

describe("a link's page", () => {
  it("shows who goes where, and the clicks by country with their share", async () => {
    serveLink(() => 7);
    openPage("/app/acme/links/link_1");
    expect(await screen.findByRole("link", { name: /fr.example.com/ })).toBeTruthy();
    const germany = await screen.findByRole("row", { name: /Germany/ });
    expect(germany.textContent).toContain("71%");
    expect(screen.getByRole("row", { name: /Unknown country/ }).textContent).toContain("2");
    expect((await screen.findByTestId("total-clicks")).textContent).toBe("7");
    expect(screen.getByRole("row", { name: /Direct/ })).toBeTruthy();
  });

  it("shows the rules that come before the countries, and who is left for these", async () => {
    const rules = [
      {
        when: { type: "country", op: "in", value: ["DE", "AT"] },
        destinations: [
          { url: "https://a.example.com/", weight: 70 },
          { url: "https://b.example.com/", weight: 30 },
        ],
      },
    ];
    serve({
      "GET /api/links/link_1": () => Response.json(sampleLink({ id: "link_1", rules: rules as Rule[] })),
      "GET /api/analytics": () => Response.json({ clicks: 0 }),
    });
    openPage("/app/acme/links/link_1");
    const rule = (await screen.findByText("Austria and Germany")).closest("li");
    expect(rule?.textContent).toContain("70%a.example.com");
    expect(rule?.textContent).toContain("30%b.example.com");
    expect(screen.getByText("Everyone else")).toBeTruthy();
  });

  it("offers the numbers of the chart as a table", async () => {
    serveLink(() => 7);
    openPage("/app/acme/links/link_1?range=30d");
    await userEvent.click(await screen.findByText("Show the numbers as a table"));
    expect(screen.getByRole("table", { name: "Clicks over time" })).toBeTruthy();
  });

  it("waits for the first click and shows it without a reload", async () => {
    let clicks = 0;
    const sent = serveLink(() => clicks, 0);
    openPage("/app/acme/links/link_1");
    expect(await screen.findByText("No clicks yet")).toBeTruthy();
    clicks = 7;
    expect((await screen.findByTestId("total-clicks")).textContent).toBe("7");
    expect(asked(sent, "countries").length).toBeGreaterThan(0);
  });

  it("asks for charts again only once the number has changed", async () => {
    let clicks = 7;
    const sent = serveLink(() => clicks);
    openPage("/app/acme/links/link_1");
    await screen.findByRole("row", { name: /Germany/ });
    await waitFor(() => expect(asked(sent, "count").length).toBeGreaterThan(1));
    expect(asked(sent, "countries")).toHaveLength(1);
    clicks = 8;
    await waitFor(() => expect(asked(sent, "countries")).toHaveLength(2));
  });

  it("keeps the range in the URL and asks for it in the time zone of the browser", async () => {
    const sent = serveLink(() => 7);
    const { router } = openPage("/app/acme/links/link_1");
    await userEvent.click(await screen.findByRole("radio", { name: /30 days/ }));
    await waitFor(() => expect(router.state.location.search).toEqual({ range: "30d" }));
    await waitFor(() =>
      expect(asked(sent, "timeseries").at(-1)?.url.searchParams.get("interval")).toBe("30d"),
    );
    expect(asked(sent, "timeseries").at(-1)?.url.searchParams.get("timezone")).toBe(browserTimeZone());
  });

  it("switches between devices, browsers and systems", async () => {
    serveLink(() => 7);
    const { router } = openPage("/app/acme/links/link_1");
    await userEvent.click(await screen.findByRole("tab", { name: "Browsers" }));
    expect(await screen.findByRole("row", { name: /Firefox/ })).toBeTruthy();
    expect(router.state.location.search).toMatchObject({ tab: "browsers" });
  });

  it("keeps the last numbers on screen when the server fails, and says how old they are", async () => {
    let clicks: number | null = 7;
    serveLink(() => clicks);
    openPage("/app/acme/links/link_1");
    await screen.findByTestId("total-clicks");
    clicks = null;
    expect(await screen.findByText(/Not current: from/)).toBeTruthy();
    expect(screen.getByTestId("total-clicks").textContent).toBe("7");
  });

  it("says so when the link is gone", async () => {
    serve({ "GET /api/links/link_1": () => refusal(404, "not_found") });
    openPage("/app/acme/links/link_1");
    expect(await screen.findByText("There is no such link")).toBeTruthy();
  });
});
