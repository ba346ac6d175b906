import { expect, test } from "./instance";
import {
  addCountry,
  expectAccessible,
  nameWorkspace,
  person,
  signUp,
  visit,
  watchForComplaints,
} from "./pages";

const destinations = {
  everybody: "https://example.com/launch",
  US: "https://example.com/us/launch",
  DE: "https://example.de/start",
};

// Public addresses whose countries the embedded database knows.
const visitors = { US: "8.8.8.8", DE: "194.25.0.125", unknown: "192.0.2.1" };

test("from the first-run link to the first clicks by country", async ({ page, instance }) => {
  const expectNoComplaints = watchForComplaints(page);

  await test.step("a new instance says how it is set up", async () => {
    await page.goto("/");
    await expect(page.getByText("This instance is new")).toBeVisible();
    await expectAccessible(page, "home page of a new instance");
    await page.goto("/signup");
    await expect(page.getByRole("heading", { name: "Open your first-run link" })).toBeVisible();
    await expectAccessible(page, "sign-up without the link");
  });

  await test.step("sign-up shows what the server refuses at its fields", async () => {
    await page.goto(instance.setupLink);
    await page.getByLabel("E-mail address").fill("mira");
    await page.getByLabel("Password", { exact: true }).fill("12345678");
    await page.getByRole("button", { name: "Create the account" }).click();
    await expect(page.getByLabel("E-mail address")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("E-mail address")).toBeFocused();
    await expectAccessible(page, "sign-up with problems");
  });

  await test.step("sign up and name a workspace", async () => {
    await signUp(page, instance.setupLink);
    await expectAccessible(page, "onboarding: workspace");
    await nameWorkspace(page, "Northwind Coffee");
  });

  let shortLink = "";
  await test.step("create the first link", async () => {
    await page.getByLabel("Destination", { exact: true }).fill(destinations.everybody);
    await addCountry(page, "United States", destinations.US);
    await addCountry(page, "Germany", destinations.DE);
    await expectAccessible(page, "onboarding: link");
    await page.getByRole("button", { name: "Create the link" }).click();
    await expect(page.getByRole("heading", { name: "Your first link works" })).toBeVisible();
    await expectAccessible(page, "onboarding: ready");
    const open = page.getByRole("link", { name: "Open", exact: true });
    shortLink = (await open.getAttribute("href")) ?? "";
    expect(shortLink).toContain(`${instance.url}/`);
  });

  await test.step("visitors go where their country goes", async () => {
    expect(await visit(shortLink, visitors.US)).toEqual({ status: 302, location: destinations.US });
    expect(await visit(shortLink, visitors.DE)).toEqual({ status: 302, location: destinations.DE });
    // HEAD answers the same and is not a click.
    expect(await visit(shortLink, visitors.unknown, "HEAD")).toEqual({
      status: 302,
      location: destinations.everybody,
    });
  });

  await test.step("the link's page shows both clicks with their countries", async () => {
    await page.getByRole("link", { name: "See its clicks" }).click();
    await expect(page).toHaveURL(/\/app\/northwind-coffee\/links\/link_/);
    const total = page.getByRole("heading", { name: /^Clicks, / }).locator("..");
    await expect(total.getByText("2", { exact: true })).toBeVisible();
    const countries = page.getByRole("table", { name: "Clicks by country" });
    await expect(countries.getByRole("row", { name: /Germany.*1/ })).toBeVisible();
    await expect(countries.getByRole("row", { name: /United States.*1/ })).toBeVisible();
    await expectAccessible(page, "link");
  });

  await test.step("every other page is accessible too", async () => {
    for (const [name, path, heading] of [
      ["links", "/app/northwind-coffee/links", "Links"],
      ["analytics", "/app/northwind-coffee/analytics", "Analytics"],
      ["settings", "/app/northwind-coffee/settings", "Settings"],
      ["API keys", "/app/northwind-coffee/settings?tab=api-keys", "Settings"],
      ["account", "/app/account", "Account"],
      ["not found", "/app/nobody/links", "This road leads nowhere"],
    ] as const) {
      await page.goto(path);
      await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await expectAccessible(page, name);
    }
    await page.goto("/app/northwind-coffee/links?new=1");
    await expect(page.getByLabel("Destination", { exact: true })).toBeVisible();
    await expectAccessible(page, "link builder");
  });

  await test.step("the API reference has every operation, keeps the theme, and leads back", async () => {
    await page.goto("/api/docs");
    await expect(page.getByRole("heading", { name: "API reference", level: 1 })).toBeVisible();
    await expect(page.getByRole("button", { name: "GET /api/links List links" })).toBeVisible();
    await page.getByRole("button", { name: /^Theme: System/ }).click();
    await page.getByRole("button", { name: /^Theme: Light/ }).click();
    await expect(page.locator("html")).toHaveClass(/dark/);
    await page.getByRole("link", { name: "Errors", exact: true }).click();
    await expect(page.getByRole("heading", { name: "API errors", level: 1 })).toBeVisible();
    await expect(page.locator("html")).toHaveClass(/dark/);
    await page.getByRole("button", { name: /^Theme: Dark/ }).click();
    await expectAccessible(page, "API errors");
    await page.getByRole("link", { name: "Your links" }).click();
    await expect(page).toHaveURL(/\/app\/northwind-coffee\/links/);
  });

  await test.step("an API key is shown once, works, and stops working when revoked", async () => {
    await page.goto("/app/northwind-coffee/settings?tab=api-keys");
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.getByLabel("Name").fill("Import");
    await page.getByRole("button", { name: "Create the key" }).click();
    const key = await page.getByTestId("api-key").textContent();
    expect(key).toMatch(/^hr_/);
    await expectAccessible(page, "the new key");
    await page.getByRole("button", { name: "I have saved it" }).click();
    const list = () => fetch(`${instance.url}/api/links`, { headers: { Authorization: `Bearer ${key}` } });
    expect((await list()).status).toBe(200);
    await page.getByRole("button", { name: "Revoke Import" }).click();
    await page.getByRole("button", { name: "Revoke the key" }).click();
    await expect(page.getByRole("heading", { name: "No API keys yet" })).toBeVisible();
    expect((await list()).status).toBe(401);
  });

  await test.step("signing out ends the session; signing in comes back to the page", async () => {
    await page.goto("/app/account");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await expectAccessible(page, "sign-in");
    await page.goto("/app/northwind-coffee/analytics");
    await expect(page).toHaveURL(/\/login\?next=/);
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/app\/northwind-coffee\/analytics/);
    await expect(page.getByRole("heading", { name: "Analytics", level: 1 })).toBeVisible();
  });

  await test.step("sign-up is closed afterwards", async () => {
    await page.goto("/signup");
    await expect(page.getByRole("heading", { name: "Sign-up is closed" })).toBeVisible();
    await expectAccessible(page, "closed sign-up");
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page, "home page");
  });

  expectNoComplaints();
});
