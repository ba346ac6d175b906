import { describe, expect, it } from "vitest";
import { reasonText } from "./words";

describe("reasons", () => {
  it("are sentences", () => {
    expect(reasonText("out_of_stock")).toBe("It is sold out.");
  });

  it("that are new are shown all the same", () => {
    expect(reasonText("ran_away_to_sea")).toBe("Ran away to sea.");
  });
});
