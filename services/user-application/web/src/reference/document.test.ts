import { describe, expect, it } from "vitest";
import { groupName, withGroupNames } from "./document";

describe("groupName", () => {
  it.each([
    ["links", "Links"],
    ["apiKeys", "API keys"],
    ["deadLetters", "Dead letters"],
  ])("writes %s as %s", (tag, name) => expect(groupName(tag)).toBe(name));
});

describe("withGroupNames", () => {
  it("names tags alike in the list and at the operations, and leaves the rest alone", () => {
    const named = withGroupNames({
      tags: [{ name: "apiKeys", description: "How programs act." }],
      paths: { "/api/api-keys": { parameters: [], get: { tags: ["apiKeys"], summary: "List keys" } } },
    });
    expect(named.tags).toEqual([{ name: "API keys", description: "How programs act." }]);
    expect(named.paths["/api/api-keys"]).toEqual({
      parameters: [],
      get: { tags: ["API keys"], summary: "List keys" },
    });
  });
});
