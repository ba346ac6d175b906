import { describe, expect, it } from "vitest";
import { sampleLink } from "../link.fixture";
import { readableUrl, withScheme } from "./url";
import { emptyValues, inputOf, isBlank, newRow, sameValues, valuesForCopy } from "./values";

describe("link form values", () => {
  it.each([
    ["example.com", "https://example.com"],
    [" example.com/offer?a=b ", "https://example.com/offer?a=b"],
    ["shop.example.co.uk:8443/x", "https://shop.example.co.uk:8443/x"],
    ["münchen.de", "https://münchen.de"],
    ["https://example.com", "https://example.com"],
    ["javascript:alert(1)", "javascript:alert(1)"],
    ["mailto:me@example.com", "mailto:me@example.com"],
    ["hello", "hello"],
    ["", ""],
  ])("completes %j to %j", (typed, url) => {
    expect(withScheme(typed)).toBe(url);
  });

  it.each([
    ["https://www.example.com/a?b=c", "example.com/a?b=c"],
    ["https://example.com/", "example.com"],
    ["example.com", "example.com"],
    ["http://localhost:3000/x", "localhost:3000/x"],
    ["ftp://example.com", null],
    ["", null],
    ["not yet", null],
  ])("shows %j as %j", (typed, shown) => {
    expect(readableUrl(typed)).toBe(shown);
  });

  it("sends countries as a map and leaves out rows that were never filled", () => {
    const values = {
      ...emptyValues("go.example.com"),
      url: "example.com",
      rows: [newRow("DE", "de.example.com"), newRow(), newRow("FR", "https://fr.example.com/")],
      title: "  Launch ",
    };
    expect(inputOf(values)).toEqual({
      url: "https://example.com",
      geo: { DE: "https://de.example.com", FR: "https://fr.example.com/" },
      domain: "go.example.com",
      title: "Launch",
      comments: null,
    });
  });

  it("clears the countries of a link whose rows were all removed", () => {
    expect(inputOf({ ...emptyValues(), url: "https://example.com" }).geo).toBeNull();
  });

  it("compares what is written, not which row it is in memory", () => {
    const first = { ...emptyValues(), rows: [newRow("DE", "https://a.example")] };
    const second = { ...emptyValues(), rows: [newRow("DE", "https://a.example")] };
    expect(sameValues(first, second)).toBe(true);
    expect(sameValues(first, { ...second, rows: [newRow("DE", "https://b.example")] })).toBe(false);
  });

  it("counts a form with only an empty row and a domain as blank", () => {
    expect(isBlank({ ...emptyValues("go.example.com"), rows: [newRow()] })).toBe(true);
    expect(isBlank({ ...emptyValues(), rows: [newRow("DE")] })).toBe(false);
  });

  it("copies everything but the slug", () => {
    const copy = valuesForCopy(sampleLink({ title: "Sale", geo: { DE: "https://de.example.com" } }));
    expect(copy).toMatchObject({ key: "", url: "https://example.com", title: "Sale (copy)" });
    expect(copy.rows.map(({ country, url }) => [country, url])).toEqual([["DE", "https://de.example.com"]]);
  });
});
