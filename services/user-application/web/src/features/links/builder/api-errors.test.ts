import { describe, expect, it } from "vitest";
import { mapApiErrors } from "./api-errors";
import { emptyValues, newRow } from "./values";

const values = {
  ...emptyValues(),
  url: "https://example.com",
  key: "sale",
  rows: [newRow("FR", "https://fr.example.com"), newRow("DE", "http://127.0.0.1")],
};

function problem(errors: { path: string; message: string }[], code = "unprocessable_entity") {
  return { code, message: "The link is not valid.", errors };
}

describe("errors of the API", () => {
  it("go to the row of their country", () => {
    expect(mapApiErrors(problem([{ path: "geo.DE", message: "Private address." }]), values)).toEqual({
      fields: { "rows[1].url": "Private address." },
      form: null,
    });
  });

  it("go to the plain fields", () => {
    const errors = [
      { path: "url", message: "No." },
      { path: "key", message: "Reserved." },
    ];
    expect(mapApiErrors(problem(errors), values).fields).toEqual({ url: "No.", key: "Reserved." });
  });

  it("keep the first message of a field", () => {
    const errors = [
      { path: "url", message: "First." },
      { path: "url", message: "Second." },
    ];
    expect(mapApiErrors(problem(errors), values).fields).toEqual({ url: "First." });
  });

  it("are said above the buttons when the form has no such field", () => {
    const errors = [
      { path: "geo.IT", message: "Italy is wrong." },
      { path: "externalId", message: "Taken." },
    ];
    expect(mapApiErrors(problem(errors), values)).toEqual({ fields: {}, form: "Italy is wrong. Taken." });
  });

  it("without paths show the message of the answer", () => {
    expect(mapApiErrors(problem([], "unavailable"), values)).toEqual({
      fields: {},
      form: "The link is not valid.",
    });
  });

  it("show a conflict without a path at the slug, if one was given", () => {
    expect(mapApiErrors(problem([], "conflict"), values)).toEqual({
      fields: { key: "The link is not valid." },
      form: null,
    });
    expect(mapApiErrors(problem([], "conflict"), { ...values, key: "" }).form).toBe("The link is not valid.");
  });
});
