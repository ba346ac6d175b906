import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./instance";
import { nameWorkspace, signUp, type Theme } from "./pages";

const directory = process.env.HASHROUTE_SCREENSHOTS ?? "test-results/screenshots";
const sizes = { 1440: 900, 390: 844 };

async function shoot(page: Page, name: string, location: string): Promise<void> {
  for (const [width, height] of Object.entries(sizes)) {
    for (const theme of ["light", "dark"] satisfies Theme[]) {
      await page.setViewportSize({ width: Number(width), height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(location);
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: path.join(directory, `${name}-${width}-${theme}.png`), fullPage: true });
    }
  }
}

/** Links and visits enough for the pages to have something to show. */
async function fill(page: Page, url: string): Promise<string> {
  const links = [
    {
      key: "menu",
      url: "https://northwind.example/menu",
      title: "Printed menu",
      geo: {
        DE: "https://northwind.example/de/karte",
        FR: "https://northwind.example/fr/carte",
        US: "https://northwind.example/us/menu",
      },
    },
    {
      key: "beans",
      url: "https://shop.northwind.example/beans",
      geo: { US: "https://us.northwind.example/beans" },
    },
    { key: "hiring", url: "https://northwind.example/jobs" },
  ];
  const ids: string[] = [];
  for (const link of links) {
    const created = await page.request.post("/api/links", {
      data: link,
      headers: { "X-Workspace-Id": "northwind-coffee", Origin: url },
    });
    expect(created.status(), await created.text()).toBe(200);
    const body: unknown = await created.json();
    if (body && typeof body === "object" && "id" in body) ids.push(String(body.id));
  }
  const addresses = [
    "8.8.8.8",
    "194.25.0.125",
    "194.25.0.126",
    "80.67.169.12",
    "133.242.0.3",
    "200.160.2.3",
    "1.1.1.1",
  ];
  for (let visit = 0; visit < 60; visit += 1) {
    const address = addresses[(visit * visit) % addresses.length] ?? "8.8.8.8";
    await fetch(`${url}/${visit % 4 === 0 ? "beans" : "menu"}`, {
      redirect: "manual",
      headers: {
        "X-Forwarded-For": address,
        "User-Agent":
          visit % 3 === 0
            ? "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
            : "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        ...(visit % 5 === 0 ? { Referer: "https://news.example.org/story" } : {}),
      },
    });
  }
  return ids[0] ?? "";
}

test("every page at both sizes in both themes", async ({ page, instance }) => {
  test.setTimeout(300_000);
  await mkdir(directory, { recursive: true });

  await shoot(page, "home-new-instance", "/");
  await shoot(page, "signup-first-run", instance.setupLink);
  await signUp(page, instance.setupLink);
  await shoot(page, "onboarding-workspace", "/app/onboarding");
  await nameWorkspace(page, "Northwind Coffee");
  await shoot(page, "onboarding-link", "/app/onboarding?workspace=northwind-coffee");
  await shoot(page, "links-empty", "/app/northwind-coffee/links");
  await shoot(page, "analytics-empty", "/app/northwind-coffee/analytics");
  await shoot(page, "api-keys-empty", "/app/northwind-coffee/settings?tab=api-keys");

  const linkId = await fill(page, instance.url);
  await page.waitForTimeout(3000);
  await shoot(page, "links", "/app/northwind-coffee/links");
  await shoot(page, "links-filtered-empty", "/app/northwind-coffee/links?q=nothing-like-it");
  await shoot(page, "link", `/app/northwind-coffee/links/${linkId}`);
  await shoot(page, "link-builder-new", "/app/northwind-coffee/links?new=1");
  await shoot(page, "link-builder-edit", `/app/northwind-coffee/links?edit=${linkId}`);
  await shoot(page, "analytics", "/app/northwind-coffee/analytics?range=24h");
  await page.request.post("/api/api-keys", {
    data: { name: "Newsletter import", scopes: ["links.read", "links.write"] },
    headers: { "X-Workspace-Id": "northwind-coffee", Origin: instance.url },
  });
  await shoot(page, "settings", "/app/northwind-coffee/settings");
  await shoot(page, "api-keys", "/app/northwind-coffee/settings?tab=api-keys");
  await shoot(page, "account", "/app/account");
  for (const tab of ["queues", "dead-letters", "workflows", "objects", "crons"])
    await shoot(page, `admin-${tab}`, `/app/admin?tab=${tab}`);
  await shoot(page, "not-found", "/app/nobody/links");
  await shoot(page, "api-reference", "/api/docs");
  await shoot(page, "api-errors", "/api/docs/errors");
  await shoot(page, "home", "/");

  await page.context().clearCookies();
  await shoot(page, "login", "/login?next=%2Fapp%2Faccount");
  await shoot(page, "signup-closed", "/signup");
});
