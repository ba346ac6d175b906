import { expect, test } from "./instance";
import { nameWorkspace, person, signUp, watchForComplaints } from "./pages";

test("a session that ends, a wrong password, a server that is away", async ({ page, instance }) => {
  const expectNoComplaints = watchForComplaints(page);
  await signUp(page, instance.setupLink);
  await nameWorkspace(page, "Northwind");
  await page.goto("/app/northwind/links");
  await expect(page.getByRole("heading", { name: "Create your first link" })).toBeVisible();

  await test.step("a session that ended elsewhere leads to sign-in", async () => {
    await page.context().clearCookies();
    await page.getByRole("link", { name: "Analytics" }).first().click();
    await expect(page).toHaveURL(/\/login\?next=/);
    await expect(page.getByText("You come back to the page you were on.")).toBeVisible();
  });

  await test.step("a wrong password is refused without saying which part was wrong", async () => {
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill("not-the-password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page).toHaveURL(/\/login/);
  });

  await test.step("the right one comes back", async () => {
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/app\/northwind\/(?:analytics|links)/);
  });

  expectNoComplaints();

  await test.step("a server that is away is said, and its return noticed", async () => {
    await page.goto("/app/northwind/settings?tab=api-keys");
    await expect(page.getByRole("heading", { name: "No API keys yet" })).toBeVisible();
    await page.route("**/api/**", (route) => route.abort());
    await page.getByRole("link", { name: "Links" }).first().click();
    await expect(page.getByText("The server cannot be reached.").first()).toBeVisible();
    const tryNow = page.getByRole("button", { name: "Try now" });
    await tryNow.click();
    await expect(page.getByText("The server cannot be reached.").first()).toBeVisible();
    // The page asks again by itself; whoever presses the button may be second.
    await page.unroute("**/api/**");
    await expect(tryNow).toHaveCount(0);
  });

  await test.step("the theme that was chosen is there before the first paint", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/app/account");
    await page.getByText("Dark", { exact: true }).click();
    await expect(page.locator("html")).toHaveClass(/dark/);
    // Only the theme script runs: the application itself never starts.
    await page.route("**/assets/index-*.js", (route) => route.abort());
    await page.goto("/login");
    await expect(page.locator("html")).toHaveClass(/dark/);
  });
});
