import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { configure, render } from "@testing-library/react";
import { vi } from "vitest";
import { createQueryClient } from "@/api/query-client";
import { createAppRouter } from "@/router";

// Whole pages take their time on a busy machine.
configure({ asyncUtilTimeout: 5_000 });
vi.setConfig({ testTimeout: 30_000 });

export type SentRequest = { method: string; url: URL; body: unknown };
type Handler = (request: SentRequest) => Response | Promise<Response>;

const account = {
  user: {
    id: "user_1",
    email: "mira@example.com",
    name: "Mira",
    isInstanceAdmin: true,
    createdAt: "2026-11-22T12:00:00.000Z",
  },
  workspaces: [
    { id: "ws_1", slug: "acme", name: "Acme", role: "owner", createdAt: "2026-11-22T12:00:00.000Z" },
    { id: "ws_2", slug: "read-only", name: "Other", role: "viewer", createdAt: "2026-11-22T12:00:00.000Z" },
  ],
};

const domain = {
  id: "dom_1",
  slug: "go.example.com",
  workspaceId: null,
  primary: true,
  createdAt: "2026-11-22T12:00:00.000Z",
};

/** A server for tests that answers by "METHOD /path"; the requests it got are returned in their order. */
export function serve(handlers: Record<string, Handler>): SentRequest[] {
  const all: Record<string, Handler> = {
    "GET /api/me": () => Response.json(account),
    "GET /api/domains": () => Response.json([domain]),
    ...handlers,
  };
  const sent: SentRequest[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
    const request = input instanceof Request ? input : new Request(input);
    const url = new URL(request.url);
    const text = await request.text();
    const seen = { method: request.method, url, body: text ? JSON.parse(text) : undefined };
    sent.push(seen);
    const handler = all[`${request.method} ${url.pathname}`];
    if (!handler) throw new Error(`unexpected request: ${request.method} ${request.url}`);
    return handler(seen);
  });
  return sent;
}

/** An answer that something was not acceptable. */
export function refusal(
  status: number,
  code: string,
  errors: { path: string; code: string; message: string }[] = [],
) {
  return Response.json({ error: { code, message: "It was refused.", doc_url: "", errors } }, { status });
}

/** Opens a page of the application as a person would, by its address. */
export function openPage(path: string) {
  vi.stubGlobal("scrollTo", () => {});
  const queryClient = createQueryClient(() => {});
  const router = createAppRouter(queryClient);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [path] }) });
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { router, queryClient };
}
