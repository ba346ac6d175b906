import { describe, expect, it } from "vitest";
import { filterOf, linkSearch, linksSearch } from "./search";

describe("the search of the links page", () => {
  it("reads what links to it say, in both spellings of the flags", () => {
    expect(linksSearch.parse({ new: 1 })).toEqual({ new: 1 });
    expect(linksSearch.parse({ new: true, q: "sale" })).toEqual({ new: true, q: "sale" });
  });

  it("ignores values that make no sense instead of failing the page", () => {
    expect(linksSearch.parse({ new: "perhaps", q: 5, edit: ["a"] })).toEqual({});
  });

  it("is the filter of the list", () => {
    expect(filterOf({ q: "  sale ", archived: true })).toEqual({ search: "sale", showArchived: true });
    expect(filterOf({})).toEqual({ search: "", showArchived: false });
  });
});

describe("the search of a link's page", () => {
  it("falls back on the usual range and tab", () => {
    expect(linkSearch.parse({ range: "2w", tab: "shoes" })).toEqual({ range: "7d", tab: "devices" });
    expect(linkSearch.parse({ range: "all", tab: "os", edit: 1 })).toEqual({
      range: "all",
      tab: "os",
      edit: 1,
    });
  });
});
