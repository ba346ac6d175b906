import { expect, test } from "./instance";
import { expectAccessible, nameWorkspace, signUp, watchForComplaints } from "./pages";

test("an admin looks after the instance", async ({ page, instance }) => {
  const expectNoComplaints = watchForComplaints(page);
  await signUp(page, instance.setupLink);
  await nameWorkspace(page, "Northwind");

  await test.step("it is in the account's menu", async () => {
    await page.goto("/app/northwind/settings");
    await page.getByRole("button", { name: /^Your account/ }).click();
    await page.getByRole("menuitem", { name: "Instance" }).click();
    await expect(page.getByRole("heading", { name: "Instance", level: 1 })).toBeVisible();
    await expect(page).toHaveURL(/\/app\/admin$/);
  });

  await test.step("a queue is paused and resumed, the log of clicks cannot be", async () => {
    await page.goto("/admin");
    await expect(page.getByRole("heading", { name: "clicks" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Pause clicks" })).toHaveCount(0);
    await page.getByRole("button", { name: "Pause housekeeping" }).click();
    await expect(page.getByText("Paused", { exact: true })).toBeVisible();
    await expectAccessible(page, "queues");
    await page.getByRole("button", { name: "Resume housekeeping" }).click();
    await expect(page.getByText("Paused", { exact: true })).toHaveCount(0);
  });

  await test.step("the tabs are reached with the keyboard", async () => {
    await page.getByRole("tab", { name: "Queues" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "No dead letters" })).toBeVisible();
    await expectAccessible(page, "dead letters");
  });

  await test.step("a schedule runs when it is asked to, and its history says so", async () => {
    await page.getByRole("tab", { name: "Schedules" }).click();
    await page.getByRole("button", { name: "Run now: delete_expired_sessions" }).click();
    await expect(page.getByText("Began on request")).toBeVisible();
    await page.getByRole("button", { name: "History of delete_expired_sessions" }).click();
    const history = page.getByRole("dialog");
    await expect(history.getByText("Began on request")).toBeVisible();
    await expectAccessible(page, "the history of a schedule");
    await page.keyboard.press("Escape");
    await expect(history).toHaveCount(0);
    await expectAccessible(page, "schedules");
  });

  await test.step("the other tabs have their states, on a phone too", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [tab, shown] of [
      ["workflows", page.getByRole("heading", { name: "No runs yet" })],
      ["objects", page.getByRole("button", { name: /^Show the objects of / }).first()],
      ["queues", page.getByRole("heading", { name: "clicks" })],
    ] as const) {
      await page.goto(`/app/admin?tab=${tab}`);
      await expect(shown).toBeVisible();
      await expectAccessible(page, tab);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, tab).toBe(0);
    }
  });

  expectNoComplaints();
});
