import { afterEach, describe, expect, it, vi } from "vitest";
import { currentConnection, setConnection } from "@/lib/connection";
import { apiFetch } from "./client";
import { createLink, getSetup } from "./gen";

function answerWith(...answers: (() => Response | Promise<Response>)[]) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => {
    const answer = answers.shift();
    if (!answer) throw new Error("one request too many");
    return answer();
  });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

afterEach(() => setConnection("online"));

describe("apiFetch", () => {
  it("returns a successful answer and marks the connection as online", async () => {
    setConnection("offline");
    answerWith(() => Response.json({ ok: true }));
    const response = await apiFetch("http://localhost:8080/api/setup");
    expect(await response.json()).toEqual({ ok: true });
    expect(currentConnection()).toBe("online");
  });

  it("throws a network error and marks the connection as offline when there is no answer", async () => {
    answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(apiFetch("http://localhost:8080/api/setup")).rejects.toMatchObject({
      name: "ApiError",
      code: "network_error",
      status: 0,
    });
    expect(currentConnection()).toBe("offline");
  });

  it("says nothing about the connection when a request is abandoned", async () => {
    answerWith(() => Promise.reject(new DOMException("aborted", "AbortError")));
    await expect(apiFetch("http://localhost:8080/api/setup")).rejects.toMatchObject({ name: "AbortError" });
    expect(currentConnection()).toBe("online");
  });

  it("is online when the server refuses", async () => {
    setConnection("offline");
    answerWith(() =>
      Response.json({ error: { code: "not_found", message: "No such link." } }, { status: 404 }),
    );
    await expect(apiFetch("http://localhost:8080/api/links/x")).rejects.toMatchObject({ code: "not_found" });
    expect(currentConnection()).toBe("online");
  });
});

describe("the generated client", () => {
  it("throws the API's error with its fields", async () => {
    answerWith(() =>
      Response.json(
        {
          error: {
            code: "unprocessable_entity",
            message: "The link is not acceptable.",
            doc_url: "",
            errors: [{ path: "url", code: "empty", message: "Enter an address." }],
          },
        },
        { status: 422 },
      ),
    );
    await expect(createLink({ body: { url: "" } })).rejects.toMatchObject({
      fields: { url: "Enter an address." },
    });
  });

  it("sends the workspace and JSON to the API of this origin", async () => {
    const fetch = answerWith(() => Response.json({}));
    await createLink({ body: { url: "https://example.com/" }, headers: { "X-Workspace-Id": "ws_1" } });
    const request = fetch.mock.calls[0]?.[0];
    if (!(request instanceof Request)) throw new Error("expected a Request");
    expect(request.url).toBe("http://localhost:8080/api/links");
    expect(request.method).toBe("POST");
    expect(request.headers.get("X-Workspace-Id")).toBe("ws_1");
    expect(await request.json()).toEqual({ url: "https://example.com/" });
  });

  it("does not try again by itself", async () => {
    const fetch = answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(getSetup()).rejects.toMatchObject({ code: "network_error" });
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});
