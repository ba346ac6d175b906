import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export const person = { name: "Mira Adler", email: "mira@example.com", password: "orbit-lantern-97-moss" };

export type Theme = "light" | "dark";

/** Signs up through the first-run link and stops at the first page of onboarding. */
export async function signUp(page: Page, setupLink: string): Promise<void> {
  await page.goto(setupLink);
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page).toHaveURL(/\/app\/onboarding$/);
  // The page comes after its address.
  await expect(page.getByLabel("Workspace name")).toBeVisible();
}

export async function nameWorkspace(page: Page, name: string): Promise<void> {
  await page.getByLabel("Workspace name").fill(name);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Make your first link" })).toBeVisible();
}

/** Adds a row to the link form: visitors from `country` go to `url`. */
export async function addCountry(page: Page, country: string, url: string): Promise<void> {
  await page.getByRole("button", { name: "Add a country" }).click();
  const choice = page.getByRole("combobox", { name: "Country", exact: true });
  await choice.fill(country);
  await page.getByRole("option", { name: country }).first().click();
  await page.getByLabel(`Destination for ${country}`).fill(url);
}

/** A real visit, without a browser's cookies: where the short link sends somebody at this address. */
export async function visit(shortLink: string, address: string, method: "GET" | "HEAD" = "GET") {
  const response = await fetch(shortLink, {
    method,
    redirect: "manual",
    headers: {
      "X-Forwarded-For": address,
      "User-Agent":
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    },
  });
  return { status: response.status, location: response.headers.get("Location") };
}

/** axe finds nothing on the page as it is now, in either theme. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] satisfies Theme[]) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveClass(theme === "dark" ? /dark/ : /^(?!.*dark)/);
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    const found = violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.html} (${node.any[0]?.message ?? ""})`).join("\n    ")}`,
    );
    expect(found, `${name}, ${theme}`).toEqual([]);
  }
}

/** Fails the test on anything the browser complains about: refused by the content security policy, errors, 5xx. */
export function watchForComplaints(page: Page): () => void {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Refusals (a guest asking who it is, a weak password) are answers; the browser logs them all the same.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      complaints.push(message.text());
  });
  return () => expect(complaints).toEqual([]);
}
