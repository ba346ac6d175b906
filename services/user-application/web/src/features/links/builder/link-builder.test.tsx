import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { sampleLink } from "../link.fixture";
import { openPage, refusal, type SentRequest, serve } from "../page.fixture";
import { saveDraft } from "./draft";
import { emptyValues, newRow } from "./values";

const sale = sampleLink({ id: "link_1", key: "sale", geo: { DE: "https://de.example.com/" } });

function serveBuilder(save: (request: SentRequest) => Response) {
  return serve({
    "GET /api/links": () => Response.json([sale]),
    "GET /api/links/count": () => Response.json(1),
    "GET /api/links/exists": ({ url }) => Response.json(url.searchParams.get("key") === "sale"),
    "GET /api/links/link_1": () => Response.json(sale),
    "POST /api/links": save,
    "PATCH /api/links/link_1": save,
  });
}

const destination = () => screen.findByRole("textbox", { name: "Destination" });
const bodies = (sent: SentRequest[]) => sent.filter(({ body }) => body !== undefined).map(({ body }) => body);

async function addCountry(name: string, url: string) {
  await userEvent.click(screen.getByRole("button", { name: "Add a country" }));
  const country = await screen.findByRole("combobox", { name: "Country" });
  await userEvent.type(country, name);
  await userEvent.click(await screen.findByRole("option", { name: new RegExp(name) }));
  await userEvent.type(await screen.findByRole("textbox", { name: `Destination for ${name}` }), url);
}

describe("the link builder", () => {
  it("creates a link with a destination for a country and shows its address", async () => {
    const sent = serveBuilder(() => Response.json(sampleLink({ id: "link_9", key: "aB3xY7z" })));
    openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "example.com/launch");
    await addCountry("Germany", "de.example.com");
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    expect(await screen.findByText("go.example.com/aB3xY7z")).toBeTruthy();
    expect(bodies(sent)).toEqual([
      {
        url: "https://example.com/launch",
        geo: { DE: "https://de.example.com" },
        title: null,
        comments: null,
      },
    ]);
  });

  it("asks nothing of the server while a field is plainly wrong, and puts the keyboard there", async () => {
    const sent = serveBuilder(() => Response.json(sale));
    openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "javascript:alert(1)");
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    expect(await screen.findByText(/not to javascript:/)).toBeTruthy();
    await waitFor(async () => expect(document.activeElement).toBe(await destination()));
    expect(bodies(sent)).toEqual([]);
  });

  it("shows what the API refuses at the row of its country", async () => {
    serveBuilder(() =>
      refusal(422, "unprocessable_entity", [
        { path: "geo.DE", code: "private_address", message: "This address is private." },
      ]),
    );
    openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "example.com");
    await addCountry("Germany", "http://10.0.0.1");
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    expect(await screen.findByText("This address is private.")).toBeTruthy();
    const row = screen.getByRole("textbox", { name: "Destination for Germany" });
    expect(row.getAttribute("aria-invalid")).toBe("true");
    await userEvent.type(row, "0");
    await waitFor(() => expect(screen.queryByText("This address is private.")).toBeNull());
  });

  it("takes backups in the order they are put, by keyboard too, and keeps the focus", async () => {
    const sent = serveBuilder(() => Response.json(sampleLink({ id: "link_9" })));
    openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "example.com");
    const add = screen.getByRole("button", { name: "Add a backup for everyone else" });
    for (const url of ["one.example", "two.example", "three.example"]) {
      await userEvent.click(add);
      await userEvent.keyboard(url);
    }
    const backup = (place: number) =>
      screen.getByRole("textbox", { name: `Backup ${place} for everyone else` }) as HTMLInputElement;
    backup(3).focus();
    await userEvent.keyboard("{Alt>}{ArrowUp}{/Alt}");
    await waitFor(() => expect(document.activeElement).toBe(backup(2)));
    expect(backup(2).value).toContain("three.example");
    await userEvent.click(screen.getByRole("button", { name: "Remove backup 1 for everyone else" }));
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    await screen.findByText("Link created");
    expect(bodies(sent)).toMatchObject([{ backupUrls: ["https://three.example", "https://two.example"] }]);
  });

  it("shows what the API refuses at the backup it speaks of", async () => {
    serveBuilder(() =>
      refusal(422, "unprocessable_entity", [
        { path: "geoBackupUrls.DE[0]", code: "private_address", message: "This address is private." },
      ]),
    );
    openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "example.com");
    await addCountry("Germany", "de.example.com");
    await userEvent.click(screen.getByRole("button", { name: "Add a backup for Germany" }));
    await userEvent.keyboard("http://10.0.0.1");
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    expect(await screen.findByText("This address is private.")).toBeTruthy();
    const field = screen.getByRole("textbox", { name: "Backup 1 for Germany" });
    expect(field.getAttribute("aria-invalid")).toBe("true");
  });

  it("says that a slug is taken before anything is sent, and sends nothing then", async () => {
    const sent = serveBuilder(() => Response.json(sale));
    openPage("/app/acme/links?new=true");
    await destination();
    await userEvent.type(screen.getByRole("textbox", { name: "Short link" }), "sale");
    expect(await screen.findByText(/go.example.com\/sale is taken or reserved/)).toBeTruthy();
    await userEvent.type(await destination(), "example.com");
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    const slug = screen.getByRole("textbox", { name: "Short link" });
    await waitFor(() => expect(document.activeElement).toBe(slug));
    expect(slug.getAttribute("aria-invalid")).toBe("true");
    expect(screen.getAllByText(/is taken or reserved/)).toHaveLength(1);
    expect(bodies(sent)).toEqual([]);
  });

  it("asks about a country that was added and left empty", async () => {
    const sent = serveBuilder(() => Response.json(sale));
    openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "example.com");
    await userEvent.click(screen.getByRole("button", { name: "Add a country" }));
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    expect(await screen.findByText("Choose a country, or remove this row.")).toBeTruthy();
    expect(bodies(sent)).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Remove this country" }));
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    await screen.findByText("Link created");
    expect(bodies(sent)).toMatchObject([{ geo: null }]);
  });

  it("brings back a draft and forgets it when asked", async () => {
    serveBuilder(() => Response.json(sale));
    const draft = {
      ...emptyValues(),
      url: "https://draft.example",
      rows: [newRow("FR", "https://fr.example")],
    };
    saveDraft("ws_1", draft, Date.now() - 300_000);
    openPage("/app/acme/links?new=true");
    expect(((await destination()) as HTMLInputElement).value).toBe("https://draft.example");
    expect(screen.getByRole("textbox", { name: "Destination for France" })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));
    await waitFor(async () => expect(((await destination()) as HTMLInputElement).value).toBe(""));
    expect(localStorage.getItem("hashroute.link-draft.ws_1")).toBeNull();
  });

  it("keeps what was typed when the form is left, and nothing once the link is created", async () => {
    serveBuilder(() => Response.json(sale));
    const { router } = openPage("/app/acme/links?new=true");
    await userEvent.type(await destination(), "https://kept.example");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(localStorage.getItem("hashroute.link-draft.ws_1")).toContain("kept.example"));
    await router.navigate({
      to: "/app/$workspace/links",
      params: { workspace: "acme" },
      search: { new: true },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Create link" }));
    await screen.findByText("Link created");
    expect(localStorage.getItem("hashroute.link-draft.ws_1")).toBeNull();
  });

  it("changes only what the link is made of and leaves its address alone", async () => {
    const sent = serveBuilder(({ body }) => Response.json({ ...sale, ...(body as object) }));
    const { router } = openPage("/app/acme/links?edit=link_1");
    await userEvent.type(await screen.findByRole("textbox", { name: "Title" }), "Sale");
    await userEvent.click(screen.getByRole("button", { name: "Save changes" }));
    await waitFor(() => expect(router.state.location.search).toEqual({}));
    expect(bodies(sent)).toEqual([
      { url: "https://example.com", geo: { DE: "https://de.example.com/" }, title: "Sale", comments: null },
    ]);
  });

  it("gives a copy the rules of its original", async () => {
    const when = { type: "country" as const, op: "not_in" as const, value: ["US"] };
    const rules = [{ when, destinations: [{ url: "https://world.example.com" }] }];
    const sent = serve({
      "GET /api/links": () => Response.json([]),
      "GET /api/links/count": () => Response.json(0),
      "GET /api/links/link_1": () => Response.json({ ...sale, rules }),
      "POST /api/links": () => Response.json(sampleLink({ id: "link_9" })),
    });
    openPage("/app/acme/links?copy=link_1");
    expect(await screen.findAllByText("Everyone except United States")).toHaveLength(2);
    await userEvent.click(screen.getByRole("button", { name: "Create link" }));
    await screen.findByText("Link created");
    expect(bodies(sent)).toMatchObject([{ url: "https://example.com", rules }]);
  });

  it("asks before changes are thrown away", async () => {
    serveBuilder(() => Response.json(sale));
    const { router } = openPage("/app/acme/links?edit=link_1");
    await userEvent.type(await screen.findByRole("textbox", { name: "Title" }), "Sale");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await userEvent.click(await screen.findByRole("button", { name: "Keep editing" }));
    expect(router.state.location.search).toMatchObject({ edit: "link_1" });
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await userEvent.click(await screen.findByRole("button", { name: "Discard changes" }));
    await waitFor(() => expect(router.state.location.search).toEqual({}));
  });
});
