import type { Locator, Page } from "@playwright/test";
import type { Evaluation } from "@/api/gen";
import { expect, test } from "./instance";
import { expectAccessible, nameWorkspace, signUp, visit, watchForComplaints } from "./pages";
import { openShop, type Shop } from "./shop";

const workspace = "northwind";
const visitor = "194.25.0.125";

/** From when a check that agrees with the one before ended, to the first visitor who is led elsewhere. */
const withinMilliseconds = 1_000;

test.use({
  settings: {
    HASHROUTE_EVALUATION_ENABLED: "true",
    // The shop is on this machine.
    HASHROUTE_ALLOW_PRIVATE_DESTINATIONS: "true",
    // As short as they may be: the shop decides when a check that confirms another one gets its page.
    HASHROUTE_FAILOVER_CONFIRM_AFTER: "1s",
    HASHROUTE_FAILOVER_RECOVER_AFTER: "1s",
  },
});

/** The pixels of a picture across, 0 until it is there. */
const widthOf = (picture: Locator) =>
  picture.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0));

async function expectNoOverflow(page: Page, name: string): Promise<void> {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect
    .poll(
      () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      { message: name },
    )
    .toBe(0);
  if (size) await page.setViewportSize(size);
}

test.describe("a link that watches where it leads", () => {
  let shop: Shop;
  test.beforeEach(async () => {
    shop = await openShop();
  });
  test.afterEach(() => shop.close());

  test("a page sells out, visitors go to the backup, and back when it is there again", async ({
    page,
    instance,
  }) => {
    const expectNoComplaints = watchForComplaints(page);
    const shortLink = `${instance.url}/shoes`;
    const destinationOf = async () => (await visit(shortLink, visitor)).location;
    const checks = page.locator("ol[aria-label='Checks, newest first'] > li");
    /** The checks of the product, the newest first. */
    const productChecks = async (): Promise<Evaluation[]> => {
      const response = await page.request.get(`/api/evaluations?pageSize=100`, {
        headers: { "X-Workspace-Id": workspace },
      });
      expect(response.status(), await response.text()).toBe(200);
      const found: Evaluation[] = await response.json();
      return found.filter(({ url }) => url === shop.productUrl);
    };
    const verdicts = async () => (await productChecks()).map(({ verdict }) => verdict);

    await signUp(page, instance.setupLink);
    await nameWorkspace(page, "Northwind");

    await test.step("a link with a backup is built", async () => {
      await page.goto(`/app/${workspace}/links?new=1`);
      await page.getByLabel("Destination", { exact: true }).fill(shop.productUrl);
      await page.getByRole("button", { name: "Add a backup for everyone else" }).click();
      await page.getByRole("textbox", { name: "Backup 1 for everyone else" }).fill(shop.backupUrl);
      await page.getByRole("textbox", { name: "Short link" }).fill("shoes");
      await expectAccessible(page, "link builder with a backup");
      await page.getByRole("button", { name: "Create link" }).click();
      await expect(page.getByRole("heading", { name: "Your link is live" })).toBeVisible();
    });

    let linkPage = "";
    await test.step("its page has a tab for its health", async () => {
      await page.goto(`/app/${workspace}/links`);
      await page.getByRole("link", { name: /shoes/ }).first().click();
      await expect(page).toHaveURL(/\/links\/link_/);
      linkPage = new URL(page.url()).pathname;
      await page.getByRole("tab", { name: "Health" }).click();
      await expect(page.getByRole("heading", { name: "Not checked yet" })).toBeVisible();
      await expectAccessible(page, "health of a link that was never checked");
    });

    await test.step("a check on request finds the product, and shows the page", async () => {
      await page.getByRole("button", { name: "Check now" }).click();
      const check = checks.filter({ hasText: "/trail-runner-3" });
      await expect(check.getByText("Available", { exact: true })).toBeVisible({ timeout: 60_000 });
      await expect(check.getByText("because somebody asked")).toBeVisible();
      const opener = check.getByRole("button", { expanded: false });
      if (await opener.count()) await opener.click();
      const picture = check.getByAltText(/^The page as the check saw it/);
      await expect.poll(() => widthOf(picture)).toBe(1_280);
      await expectAccessible(page, "a check that found the product");
      expect(await destinationOf()).toBe(shop.productUrl);
    });

    await test.step("one check that finds it sold out changes nothing for visitors", async () => {
      shop.isInStock = false;
      shop.answerOnly(1);
      await page.getByRole("button", { name: "Check now" }).click();
      await expect.poll(verdicts, { timeout: 60_000 }).toEqual(["NOT_AVAILABLE", "AVAILABLE"]);
      expect(await destinationOf()).toBe(shop.productUrl);
    });

    await test.step("the second one that agrees sends them to the backup, within a second", async () => {
      shop.answerAll();
      await expect.poll(destinationOf, { timeout: 60_000, intervals: [50] }).toBe(shop.backupUrl);
      const led = Date.now();
      const [confirming] = await productChecks();
      expect(confirming).toMatchObject({
        verdict: "NOT_AVAILABLE",
        trigger: "confirmation",
        reason: "out_of_stock",
      });
      const took = led - Date.parse(confirming?.finishedAt ?? "");
      test.info().annotations.push({ type: "failover", description: `${took} ms` });
      expect(took).toBeLessThan(withinMilliseconds);
    });

    await test.step("the link says that it serves its backup, on its page and in the list", async () => {
      await page.goto(linkPage);
      await expect(page.getByRole("main").getByText("Serving backup").first()).toBeVisible();
      await expectAccessible(page, "page of a link that serves its backup");
      await page.goto(`/app/${workspace}/links`);
      await expect(page.getByRole("main").getByText("Serving backup").first()).toBeVisible();
      await expectAccessible(page, "list with a link that serves its backup");
    });

    const card = page.getByRole("main").getByRole("listitem").filter({ hasText: "/trail-runner-3" });
    await test.step("the Health inbox shows the page and the words that decided", async () => {
      await page.getByRole("link", { name: "Health" }).first().click();
      await expect(page).toHaveURL(new RegExp(`/app/${workspace}/health$`));
      await expect(page.getByRole("heading", { name: "Health", level: 1 })).toBeVisible();
      await expect(card.getByText("Broken", { exact: true })).toBeVisible();
      await expect(card.getByText("Serving backup")).toBeVisible();
      await expect(card.getByText("“Sold out”")).toBeVisible();
      await expect.poll(() => widthOf(card.getByAltText(/^The page as the check saw it/))).toBe(1_280);
      await expect(card.getByRole("link", { name: /shoes/ })).toBeVisible();
      await expectAccessible(page, "Health inbox");
      await expectNoOverflow(page, "Health inbox");
    });

    await test.step("the check itself shows them in the page's text, and what changed", async () => {
      await page.goto(`${linkPage}?view=health`);
      const check = checks.filter({ hasText: "/trail-runner-3" }).first();
      await expect(check.getByText("Not available", { exact: true })).toBeVisible();
      const opener = check.getByRole("button", { expanded: false });
      if (await opener.count()) await opener.click();
      const text = check.getByRole("region", { name: "The text of the page" });
      await expect(text.locator("mark").first()).toHaveText("Sold out");
      const changed = check.getByRole("region", { name: "What changed" });
      await expect(changed.getByText("Sold out")).toBeVisible();
      await expect(changed.getByText("In stock, delivered in two days")).toBeVisible();
      await expectAccessible(page, "a check that found the product sold out");
      await expectNoOverflow(page, "a check that found the product sold out");
    });

    await test.step("one check that finds it again changes nothing yet", async () => {
      shop.isInStock = true;
      shop.answerOnly(1);
      await page.goto(`/app/${workspace}/health`);
      await card.getByRole("button", { name: /^Check now: / }).click();
      await expect.poll(async () => (await verdicts())[0], { timeout: 60_000 }).toBe("AVAILABLE");
      expect(await destinationOf()).toBe(shop.backupUrl);
    });

    await test.step("the second one brings visitors back", async () => {
      shop.answerAll();
      await expect.poll(destinationOf, { timeout: 60_000, intervals: [50] }).toBe(shop.productUrl);
      await page.goto(linkPage);
      await expect(page.getByRole("heading", { level: 1, name: /shoes/ })).toBeVisible();
      await expect(page.getByText("Serving backup")).toHaveCount(0);
      await page.goto(`/app/${workspace}/health`);
      await expect(page.getByRole("heading", { name: "All is well" })).toBeVisible();
      await expectAccessible(page, "Health inbox when all is well");
    });

    expectNoComplaints();
  });
});
