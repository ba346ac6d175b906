import { afterEach, describe, expect, it } from "vitest";
import { discardDraft, loadDraft, saveDraft } from "./draft";
import { emptyValues, newRow } from "./values";

const day = 86_400_000;
const values = {
  ...emptyValues("go.example.com"),
  url: "https://example.com",
  rows: [newRow("DE", "de.example")],
};

afterEach(() => localStorage.clear());

describe("draft of a new link", () => {
  it("comes back as it was typed", () => {
    saveDraft("ws_1", values, 1_000);
    const draft = loadDraft("ws_1", 2_000);
    expect(draft?.savedAt).toBe(1_000);
    expect(draft?.values.url).toBe("https://example.com");
    expect(draft?.values.rows.map(({ country, url }) => [country, url])).toEqual([["DE", "de.example"]]);
  });

  it("belongs to one workspace", () => {
    saveDraft("ws_1", values, 1_000);
    expect(loadDraft("ws_2", 2_000)).toBeNull();
  });

  it("is not kept for a blank form, and a form made blank removes it", () => {
    saveDraft("ws_1", values, 1_000);
    saveDraft("ws_1", emptyValues("go.example.com"), 2_000);
    expect(loadDraft("ws_1", 3_000)).toBeNull();
    expect(localStorage).toHaveLength(0);
  });

  it("is forgotten after two weeks", () => {
    saveDraft("ws_1", values, 0);
    expect(loadDraft("ws_1", 13 * day)).not.toBeNull();
    expect(loadDraft("ws_1", 15 * day)).toBeNull();
  });

  it("is ignored when it was written by another version or by hand", () => {
    localStorage.setItem("hashroute.link-draft.ws_1", '{"savedAt":1,"values":{"url":5}}');
    expect(loadDraft("ws_1", 2)).toBeNull();
    localStorage.setItem("hashroute.link-draft.ws_1", "not json");
    expect(loadDraft("ws_1", 2)).toBeNull();
  });

  it("can be discarded", () => {
    saveDraft("ws_1", values, 1_000);
    discardDraft("ws_1");
    expect(loadDraft("ws_1", 2_000)).toBeNull();
  });
});
