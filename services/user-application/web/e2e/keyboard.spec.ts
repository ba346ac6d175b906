import type { Page } from "@playwright/test";
import { expect, test } from "./instance";
import { nameWorkspace, signUp } from "./pages";

/** Presses Tab until the control that has this name has the focus. */
async function tabTo(
  page: Page,
  name: string | RegExp,
  role: "button" | "link" | "textbox" | "combobox" = "button",
) {
  const wanted = page.getByRole(role, { name }).first();
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    if (await wanted.evaluate((element) => element === document.activeElement).catch(() => false))
      return wanted;
  }
  throw new Error(`the keyboard does not reach ${role} ${name}`);
}

test("a link is made, found and edited without a mouse", async ({ page, instance }) => {
  await signUp(page, instance.setupLink);
  await nameWorkspace(page, "Keys");
  await page.goto("/app/keys/links");
  await expect(page.getByRole("heading", { name: "Create your first link" })).toBeVisible();

  await test.step("the skip link comes first and leads to the content", async () => {
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("#main")).toBeFocused();
  });

  await test.step("the builder opens, keeps the focus inside and creates the link", async () => {
    await page.goto("/app/keys/links");
    await tabTo(page, "New link", "link");
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Destination", { exact: true })).toBeFocused();
    await page.keyboard.type("example.com/launch");
    await tabTo(page, "Add a country");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("combobox", { name: "Country", exact: true })).toBeFocused();
    await page.keyboard.type("germ");
    await expect(page.getByRole("option", { name: "Germany" })).toBeVisible();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await tabTo(page, "Destination for Germany", "textbox");
    await page.keyboard.type("example.de/start");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Link created" })).toBeVisible();
  });

  await test.step("Escape closes the sheet and the link is in the list", async () => {
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page.getByRole("row", { name: /example\.com\/launch/ })).toBeVisible();
  });

  await test.step("menus open, move with the arrows and close", async () => {
    await page.goto("/app/keys/settings");
    await tabTo(page, /^Your account/);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Account" })).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("menuitem", { name: "API reference" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: /^Your account/ })).toBeFocused();
  });

  await test.step("going to another page moves the focus to its content", async () => {
    await page.goto("/app/keys/settings");
    await tabTo(page, "Analytics", "link");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Analytics", level: 1 })).toBeVisible();
    await expect(page.locator("#main")).toBeFocused();
  });
});
