import { describe, expect, it } from "vitest";
import { ApiError, apiErrorFrom, networkError, toApiError } from "./errors";

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe("apiErrorFrom", () => {
  it("takes code, message, fields and request id from the envelope", () => {
    const error = apiErrorFrom(
      answer(422, { "X-Request-Id": "req_1" }),
      JSON.stringify({
        error: {
          code: "unprocessable_entity",
          message: "The link is not acceptable.",
          doc_url: "/api/docs/errors#unprocessable_entity",
          errors: [
            { path: "url", code: "scheme_not_allowed", message: "Use http or https." },
            { path: "geo.DE", code: "private_address", message: "This address is not public." },
          ],
        },
      }),
    );

    expect(error).toBeInstanceOf(ApiError);
    expect(error.status).toBe(422);
    expect(error.code).toBe("unprocessable_entity");
    expect(error.message).toBe("The link is not acceptable.");
    expect(error.requestId).toBe("req_1");
    expect(error.documentationUrl).toBe("/api/docs/errors#unprocessable_entity");
    expect(error.fields).toEqual({ url: "Use http or https.", "geo.DE": "This address is not public." });
    expect(error.problems[1]?.code).toBe("private_address");
  });

  it("keeps the first message where a field has several", () => {
    const errors = [
      { path: "password", code: "too_short", message: "Too short." },
      { path: "password", code: "too_weak", message: "Too weak." },
    ];
    const error = apiErrorFrom(answer(422), {
      error: { code: "unprocessable_entity", message: "No.", errors },
    });
    expect(error.fields.password).toBe("Too short.");
  });

  it("accepts an envelope without fields", () => {
    const error = apiErrorFrom(answer(401), { error: { code: "unauthorized", message: "Sign in first." } });
    expect(error.fields).toEqual({});
    expect(error.documentationUrl).toBeNull();
  });

  it("sets quotes as the interface does", () => {
    const errors = [{ path: "key", code: "reserved", message: '"api" is reserved.' }];
    const error = apiErrorFrom(answer(422), {
      error: { code: "unprocessable_entity", message: 'The field "key" is not acceptable.', errors },
    });
    expect(error.message).toBe("The field “key” is not acceptable.");
    expect(error.fields.key).toBe("“api” is reserved.");
  });

  it("reads how long to wait", () => {
    const body = { error: { code: "rate_limit_exceeded", message: "Slow down." } };
    expect(apiErrorFrom(answer(429, { "Retry-After": "42" }), body).retryAfter).toBe(42);
    expect(apiErrorFrom(answer(429, { "Retry-After": "soon" }), body).retryAfter).toBeNull();
    expect(apiErrorFrom(answer(429), body).retryAfter).toBeNull();
  });

  it("leaves out problems it cannot read", () => {
    const errors = [{ path: "url", message: "Enter an address." }, { path: 3, message: "No." }, null, "odd"];
    const error = apiErrorFrom(answer(422), { error: { code: "bad_request", message: "No.", errors } });
    expect(error.problems).toEqual([{ path: "url", code: "invalid", message: "Enter an address." }]);
    expect(
      apiErrorFrom(answer(422), { error: { code: "bad_request", message: "No.", errors: {} } }).problems,
    ).toEqual([]);
  });

  it.each([null, [], { error: "no" }, { error: { code: 5, message: "No." } }])("has words for %j", (body) => {
    expect(apiErrorFrom(answer(400), body).message).toContain("400");
  });

  it("has words for a page that a proxy sent instead", () => {
    const error = apiErrorFrom(answer(502), "<html>Bad gateway</html>");
    expect(error.code).toBe("internal_server_error");
    expect(error.message).toContain("502");
  });
});

describe("toApiError", () => {
  it("leaves API errors alone", () => {
    const error = networkError(new TypeError("failed"));
    expect(toApiError(error)).toBe(error);
    expect(error.isOffline).toBe(true);
  });

  it("hides the text of programming errors from people", () => {
    const error = toApiError(new TypeError("x is not a function"));
    expect(error.code).toBe("unexpected");
    expect(error.message).not.toContain("function");
    expect(error.cause).toBeInstanceOf(TypeError);
  });
});
