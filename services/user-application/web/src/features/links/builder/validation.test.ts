import { describe, expect, it } from "vitest";
import { destinationProblem, keyProblem, validate } from "./validation";
import { emptyValues, newRow } from "./values";

describe("destination hints", () => {
  it.each(["https://example.com", "http://example.com/a?b#c", "example.com", "https://münchen.de/straße"])(
    "accepts %j",
    (url) => {
      expect(destinationProblem(url)).toBeNull();
    },
  );

  it.each([
    ["", /enter the address/i],
    ["hello", /full address/],
    ["javascript:alert(1)", /not to javascript:/],
    ["ftp://example.com", /not to ftp:/],
    ["https://", /host name/],
    ["https:///path", /host name/],
    ["https://exa mple.com", /spaces/],
    ["https://user:secret@example.com", /user name and password/],
  ])("explains what is wrong with %j", (url, problem) => {
    expect(destinationProblem(url)).toMatch(problem);
  });
});

describe("slug hints", () => {
  it.each(["", "sale", "Spring_Sale-2026.v1~"])("accepts %j", (key) => {
    expect(keyProblem(key)).toBeNull();
  });

  it.each([
    ["a/b", /slash/],
    ["black friday", /hyphen/],
    ["größe", /“ö” cannot be used/],
    ["x".repeat(191), /at most 190/],
  ])("explains what is wrong with %j", (key, problem) => {
    expect(keyProblem(key)).toMatch(problem);
  });
});

describe("form validation", () => {
  it("finds nothing wrong with a complete form", () => {
    const rows = [newRow("DE", "https://de.example.com")];
    expect(validate({ ...emptyValues(), url: "https://example.com", rows })).toEqual({});
  });

  it("names the exact row and field", () => {
    const rows = [newRow("DE", "https://de.example.com"), newRow("FR", ""), newRow("", "https://x.example")];
    expect(Object.keys(validate({ ...emptyValues(), url: "https://example.com", rows }))).toEqual([
      "rows[1].url",
      "rows[2].country",
    ]);
  });

  it("asks about an empty row once", () => {
    const rows = [newRow(), newRow("DE", "nonsense")];
    const errors = validate({ ...emptyValues(), url: "https://example.com", rows });
    expect(errors["rows[0].country"]).toBe("Choose a country, or remove this row.");
    expect(Object.keys(errors)).toEqual(["rows[0].country", "rows[1].url"]);
  });

  it("refuses a country that was already given", () => {
    const rows = [newRow("DE", "https://a.example"), newRow("DE", "https://b.example")];
    expect(validate({ ...emptyValues(), url: "https://example.com", rows })).toEqual({
      "rows[1].country": "Germany already has a destination above.",
    });
  });
});
