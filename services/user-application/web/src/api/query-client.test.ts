import { describe, expect, it, vi } from "vitest";
import { ApiError, networkError } from "./errors";
import { createQueryClient, shouldRetry } from "./query-client";

const refused = (status: number) => new ApiError({ code: "x", message: "x", status });

describe("shouldRetry", () => {
  it("asks again when the server was away or busy, twice at most", () => {
    expect(shouldRetry(0, networkError(null))).toBe(true);
    expect(shouldRetry(1, refused(503))).toBe(true);
    expect(shouldRetry(2, refused(503))).toBe(false);
  });

  it("takes a refusal for an answer", () => {
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
      expect(shouldRetry(0, refused(status))).toBe(false);
    }
  });
});

describe("createQueryClient", () => {
  const fail = () => Promise.reject(refused(401));

  it("reports a session that ended", async () => {
    const ended = vi.fn();
    const client = createQueryClient(ended);
    await expect(client.fetchQuery({ queryKey: ["links"], queryFn: fail })).rejects.toThrow();
    expect(ended).toHaveBeenCalledOnce();
  });

  it("leaves a guest's first question to whoever asked it", async () => {
    const ended = vi.fn();
    const client = createQueryClient(ended);
    const query = { queryKey: ["me"], queryFn: fail, meta: { guestsExpected: true } };
    await expect(client.fetchQuery(query)).rejects.toThrow();
    expect(ended).not.toHaveBeenCalled();
  });
});
