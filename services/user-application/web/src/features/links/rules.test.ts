import { describe, expect, it } from "vitest";
import type { Condition } from "@/api/gen";
import { audienceName, audienceOf, sharesOf } from "./rules";

const country = (op: "in" | "not_in", ...value: string[]): Condition => ({ type: "country", op, value });
const named = (condition: Condition) => audienceName(audienceOf(condition));

describe("rules", () => {
  it("say whom they are about", () => {
    expect(named(country("in", "DE"))).toBe("Germany");
    expect(named(country("in", "CH", "DE", "AT"))).toBe("Austria, Germany and Switzerland");
    expect(named(country("not_in", "US"))).toBe("Everyone except United States");
  });

  it("are told by what nested conditions come to", () => {
    const all = { all: [country("in", "DE", "FR"), { not: country("in", "FR") }] };
    expect(named(all)).toBe("Germany");
    expect(named({ any: [country("in", "DE"), country("in", "FR")] })).toBe("France and Germany");
    expect(named({ not: { any: [country("in", "DE"), country("in", "FR")] } })).toBe(
      "Everyone except France and Germany",
    );
    expect(named({ any: [country("in", "DE"), country("not_in", "DE")] })).toBe("Everyone");
    expect(named({ all: [country("in", "DE"), country("in", "FR")] })).toBe("Nobody");
  });

  it("name the first of many countries and count the others", () => {
    const many = country("in", "AT", "BE", "CH", "DE", "DK", "ES", "FR");
    expect(named(many)).toBe("Austria, Belgium, Denmark, France, Germany and 2 more");
  });

  it("tell the shares of their destinations in percent", () => {
    const when = country("in", "DE");
    const [a, b] = ["https://a.example", "https://b.example"];
    expect(sharesOf({ when, destinations: [{ url: a, weight: 70 }] })).toEqual([{ url: a, percent: null }]);
    expect(
      sharesOf({
        when,
        destinations: [{ url: a, weight: 3 }, { url: b }],
      }),
    ).toEqual([
      { url: a, percent: 75 },
      { url: b, percent: 25 },
    ]);
  });
});
