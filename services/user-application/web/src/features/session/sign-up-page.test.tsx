import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createQueryClient } from "@/api/query-client";
import { createAppRouter } from "@/router";

type Handler = (body: unknown) => Response;

/** A server that answers by path, and the bodies it was sent. */
function serve(handlers: Record<string, Handler>) {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
    const request = input instanceof Request ? input : new Request(input);
    const handler = handlers[new URL(request.url).pathname];
    if (!handler) throw new Error(`unexpected request to ${request.url}`);
    const text = await request.text();
    const body: unknown = text ? JSON.parse(text) : undefined;
    if (body !== undefined) sent.push(body);
    return handler(body);
  });
  return sent;
}

function open(path: string) {
  const queryClient = createQueryClient(() => {});
  const router = createAppRouter(queryClient);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [path] }) });
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

const setup = (needsSetup: boolean, signUpOpen: boolean) => () => Response.json({ needsSetup, signUpOpen });
const account = {
  user: {
    id: "user_1",
    email: "mira@example.com",
    name: "Mira",
    isInstanceAdmin: true,
    createdAt: "2026-11-22T12:00:00.000Z",
  },
  workspaces: [],
};

beforeEach(() => {
  vi.stubGlobal("scrollTo", () => {});
});

describe("the sign-up page", () => {
  it("shows the API's problems at their fields and moves the keyboard there", async () => {
    serve({
      "/api/setup": setup(true, false),
      "/api/auth/sign-up": () =>
        Response.json(
          {
            error: {
              code: "unprocessable_entity",
              message: "The account is not acceptable.",
              doc_url: "",
              errors: [
                { path: "email", code: "invalid", message: "This is not an e-mail address." },
                { path: "password", code: "too_weak", message: "This password is easy to guess." },
              ],
            },
          },
          { status: 422 },
        ),
    });
    open("/signup?setup=token");
    const user = userEvent.setup();
    const email = await screen.findByLabelText("E-mail address");
    await user.type(email, "mira");
    await user.type(screen.getByLabelText("Password"), "northwind");
    await user.click(screen.getByRole("button", { name: "Create the account" }));

    expect(await screen.findByText("This is not an e-mail address.")).toBeTruthy();
    expect(screen.getByText("This password is easy to guess.")).toBeTruthy();
    expect(email.getAttribute("aria-invalid")).toBe("true");
    expect(email.getAttribute("aria-describedby")).toContain("error");
    await waitFor(() => expect(document.activeElement).toBe(email));

    await user.type(email, "@example.com");
    expect(screen.queryByText("This is not an e-mail address.")).toBeNull();
  });

  it("asks the server nothing while the address or the password is missing", async () => {
    const sent = serve({ "/api/setup": setup(true, false) });
    open("/signup?setup=token");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Create the account" }));
    expect(await screen.findByText("Enter your e-mail address.")).toBeTruthy();
    expect(screen.getByText("Choose a password.")).toBeTruthy();
    await user.type(screen.getByLabelText("E-mail address"), "mira@example.com");
    await user.type(screen.getByLabelText("Password"), "short");
    await user.click(screen.getByRole("button", { name: "Create the account" }));
    expect(await screen.findByText("Use at least 8 characters.")).toBeTruthy();
    expect(screen.getAllByText(/at least 8 characters/)).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  it("sends the setup token and goes on to onboarding", async () => {
    const sent = serve({
      "/api/setup": setup(true, false),
      "/api/auth/sign-up": () => Response.json(account, { status: 201 }),
      "/api/me": () => Response.json(account),
    });
    const router = open("/signup?setup=t0k3n");
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText("E-mail address"), " mira@example.com ");
    await user.type(screen.getByLabelText("Password"), "orbit-lantern-97-moss");
    await user.click(screen.getByRole("button", { name: "Create the account" }));

    await waitFor(() => expect(router.state.location.pathname).toBe("/app/onboarding"));
    expect(sent).toEqual([
      { name: null, email: "mira@example.com", password: "orbit-lantern-97-moss", setupToken: "t0k3n" },
    ]);
  });

  it("says where the first-run link is when it is needed and missing", async () => {
    serve({ "/api/setup": setup(true, false) });
    open("/signup");
    expect(await screen.findByRole("heading", { name: "Open your first-run link" })).toBeTruthy();
    expect(screen.queryByLabelText("Password")).toBeNull();
  });

  it("says so when sign-up is closed", async () => {
    serve({ "/api/setup": setup(false, false) });
    open("/signup");
    expect(await screen.findByRole("heading", { name: "Sign-up is closed" })).toBeTruthy();
  });

  it("says that a first-run link has been used", async () => {
    serve({ "/api/setup": setup(false, false) });
    open("/signup?setup=token");
    expect(await screen.findByText("This first-run link has been used")).toBeTruthy();
  });

  it("sends whoever is signed in to their links", async () => {
    localStorage.setItem("hashroute.signed-in", "yes");
    serve({ "/api/setup": setup(false, false) });
    open("/signup?setup=token");
    expect(await screen.findByRole("link", { name: "Open your links" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Sign in" })).toBeNull();
    localStorage.removeItem("hashroute.signed-in");
  });

  it("offers to try again when the server is away", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    open("/signup");
    expect(await screen.findByRole("heading", { name: "You are offline" }, { timeout: 8000 })).toBeTruthy();
  }, 10_000);
});
