import { describe, expect, it } from "vitest";
import { countries, countryFlag, countryName, searchCountries } from "./countries";

describe("countries", () => {
  it("knows all 249 assigned codes by name", () => {
    expect(countries).toHaveLength(249);
    expect(countries.filter(({ code, name }) => code === name)).toEqual([]);
  });

  it.each([
    ["de", "DE"],
    ["germ", "DE"],
    ["cote", "CI"],
    ["uk", "GB"],
    ["turkey", "TR"],
    ["united st", "US"],
    ["korea south", "KR"],
  ])("finds %j as %s first", (query, code) => {
    expect(searchCountries(query)[0]?.code).toBe(code);
  });

  it("puts the exact code before names that begin with it", () => {
    expect(searchCountries("in").map(({ code }) => code)[0]).toBe("IN");
  });

  it("finds nothing for words no country has", () => {
    expect(searchCountries("atlantis")).toEqual([]);
  });

  it("says so when the country of a click is unknown", () => {
    expect(countryName(null)).toBe("Unknown country");
    expect(countryName("")).toBe("Unknown country");
    expect(countryName("(unknown)")).toBe("Unknown country");
    expect(countryName("de")).toBe("Germany");
  });

  it("spells the flag of a country", () => {
    expect(countryFlag("de")).toBe("🇩🇪");
  });
});
