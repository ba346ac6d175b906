import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { sampleLink } from "./link.fixture";
import { openPage, refusal, type SentRequest, serve } from "./page.fixture";
import { pageSize } from "./queries";

const sale = sampleLink({
  id: "link_1",
  key: "sale",
  clicks: 1204,
  geo: { DE: "https://de.example.com", FR: "https://fr.example.com" },
});
const launch = sampleLink({ id: "link_2", key: "launch", title: "Launch day" });

function serveLinks(links: (request: SentRequest) => Response, count = 2) {
  return serve({
    "GET /api/links": links,
    "GET /api/links/count": () => Response.json(count),
    "PATCH /api/links/link_1": ({ body }) => Response.json({ ...sale, ...(body as object) }),
  });
}

describe("the list of links", () => {
  it("shows each link with its clicks and its countries by name", async () => {
    serveLinks(() => Response.json([sale, launch]));
    openPage("/app/acme/links");
    const row = (await screen.findByText("1,204")).closest("li");
    expect(row).not.toBeNull();
    expect(within(row as HTMLElement).getByText(/2 countries:/).textContent).toContain("Germany, France");
    expect(screen.getByText("Launch day")).toBeTruthy();
    expect(screen.getByText("2 links")).toBeTruthy();
  });

  it("counts the rules that send visitors elsewhere", async () => {
    const when = { type: "country" as const, op: "in" as const, value: ["DE"] };
    const rule = { when, destinations: [{ url: "https://de.example.com" }] };
    serveLinks(() => Response.json([{ ...launch, rules: [rule, rule] }]), 1);
    openPage("/app/acme/links");
    expect(await screen.findByText("2 rules")).toBeTruthy();
    expect(screen.queryByText("All countries")).toBeNull();
  });

  it("invites to create the first link when there is none", async () => {
    serveLinks(() => Response.json([]), 0);
    const { router } = openPage("/app/acme/links");
    await userEvent.click(await screen.findByRole("button", { name: "Create a link" }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ new: true }));
  });

  it("offers nothing that a viewer may not do", async () => {
    serveLinks(() => Response.json([]), 0);
    openPage("/app/read-only/links");
    expect(await screen.findByText("No links yet")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Create a link" })).toBeNull();
  });

  it("says what was searched for when nothing matches, and clears it", async () => {
    serveLinks(({ url }) => Response.json(url.searchParams.get("search") ? [] : [sale]));
    const { router } = openPage("/app/acme/links?q=zebra");
    expect(await screen.findByText("No link matches “zebra”")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
    expect(await screen.findByText("1,204")).toBeTruthy();
    expect(router.state.location.search).toEqual({});
  });

  it("points at the archived links when all are archived", async () => {
    serveLinks(
      ({ url }) =>
        Response.json(url.searchParams.get("showArchived") === "true" ? [{ ...sale, archived: true }] : []),
      1,
    );
    openPage("/app/acme/links");
    await userEvent.click(await screen.findByRole("button", { name: "Show archived links" }));
    expect(await screen.findByText("Archived")).toBeTruthy();
  });

  it("explains a failure and tries again when asked", async () => {
    let broken = true;
    serveLinks(() => (broken ? refusal(500, "internal_server_error") : Response.json([sale])));
    openPage("/app/acme/links");
    expect(await screen.findByText("It was refused.")).toBeTruthy();
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("1,204")).toBeTruthy();
  });

  it("sends what is typed to the URL and the API once typing pauses", async () => {
    const sent = serveLinks(() => Response.json([sale]));
    const { router } = openPage("/app/acme/links");
    await userEvent.type(await screen.findByRole("searchbox", { name: "Search links" }), "sal");
    await waitFor(() => expect(router.state.location.search).toEqual({ q: "sal" }));
    const searches = sent.map(({ url }) => url.searchParams.get("search")).filter((text) => text !== null);
    expect(new Set(searches)).toEqual(new Set(["sal"]));
  });

  it("loads the next page after the last link of this one", async () => {
    const first = Array.from({ length: pageSize }, (_, index) =>
      sampleLink({ id: `link_a${index}`, key: `a${index}` }),
    );
    const sent = serveLinks(
      ({ url }) => Response.json(url.searchParams.get("startingAfter") ? [launch] : first),
      pageSize + 1,
    );
    openPage("/app/acme/links");
    expect(await screen.findByText(`${pageSize} of ${pageSize + 1} links`)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Load more" }));
    expect(await screen.findByText("Launch day")).toBeTruthy();
    expect(sent.some(({ url }) => url.searchParams.get("startingAfter") === first.at(-1)?.id)).toBe(true);
    expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
  });

  it("takes an archived link off the list at once and puts it back when the server refuses", async () => {
    let answer: (response: Response) => void = () => {};
    serve({
      "GET /api/links": () => Response.json([sale, launch]),
      "GET /api/links/count": () => Response.json(2),
      "PATCH /api/links/link_1": () => new Promise<Response>((resolve) => (answer = resolve)),
    });
    openPage("/app/acme/links");
    await userEvent.click(await screen.findByRole("button", { name: "More for go.example.com/sale" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Archive" }));
    await waitFor(() => expect(screen.queryByText("1,204")).toBeNull());
    answer(refusal(503, "unavailable"));
    expect(await screen.findByText("1,204")).toBeTruthy();
  });

  it("asks before it deletes, and deletes only then", async () => {
    const sent = serve({
      "GET /api/links": () => Response.json([sale]),
      "GET /api/links/count": () => Response.json(1),
      "DELETE /api/links/link_1": () => Response.json({ id: "link_1" }),
    });
    openPage("/app/acme/links");
    await userEvent.click(await screen.findByRole("button", { name: "More for go.example.com/sale" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByText(/1,204 clicks/)).toBeTruthy();
    expect(sent.some(({ method }) => method === "DELETE")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete link" }));
    await waitFor(() => expect(sent.some(({ method }) => method === "DELETE")).toBe(true));
  });
});
