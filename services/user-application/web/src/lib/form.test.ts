import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import { formErrorsOf, messagesOf } from "./form";

const refusal = (...problems: [path: string, message: string][]) =>
  new ApiError({
    code: "unprocessable_entity",
    message: "The request is not acceptable.",
    status: 422,
    problems: problems.map(([path, message]) => ({ path, message, code: "invalid" })),
  });

describe("formErrorsOf", () => {
  it("puts each problem at its field", () => {
    const errors = formErrorsOf(refusal(["email", "Taken."], ["password", "Too weak."]), [
      "email",
      "password",
    ]);
    expect(errors).toEqual({ fields: { email: "Taken.", password: "Too weak." } });
  });

  it("follows the names given for paths that differ", () => {
    const errors = formErrorsOf(refusal(["expiresAt", "In the past."]), ["lifetime"], {
      expiresAt: "lifetime",
    });
    expect(errors.fields).toEqual({ lifetime: "In the past." });
  });

  it("says on the form what belongs to no field of it", () => {
    const errors = formErrorsOf(refusal(["setupToken", "The link has been used."], ["email", "Taken."]), [
      "email",
    ]);
    expect(errors).toEqual({ form: "The link has been used.", fields: { email: "Taken." } });
  });

  it("says the message itself when no field is named", () => {
    const error = new ApiError({ code: "unauthorized", message: "Wrong password.", status: 401 });
    expect(formErrorsOf(error, ["email"])).toEqual({ form: "Wrong password.", fields: {} });
  });
});

describe("messagesOf", () => {
  it("takes text and messages, once each", () => {
    expect(messagesOf(["Empty.", undefined, { message: "Too long." }, "Empty.", null])).toEqual([
      "Empty.",
      "Too long.",
    ]);
  });
});
