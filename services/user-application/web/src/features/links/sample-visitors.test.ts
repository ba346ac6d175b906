import { describe, expect, it } from "vitest";
import { tryCommand } from "./sample-visitors";

const here = { shortLink: "http://localhost:8080/sale" };

describe("the command that tries a link", () => {
  it("speaks for a visitor from one of the link's countries", () => {
    const geo = { DE: "https://de.example.com", US: "https://us.example.com" };
    expect(tryCommand({ ...here, geo })).toEqual({
      command: "curl -si -H 'X-Forwarded-For: 8.8.8.8' http://localhost:8080/sale",
      from: "the United States",
    });
  });

  it("speaks for nobody where no country has a destination, or none that an address is known of", () => {
    const plain = { command: "curl -si http://localhost:8080/sale", from: null };
    expect(tryCommand({ ...here, geo: null })).toEqual(plain);
    expect(tryCommand({ ...here, geo: { AQ: "https://aq.example.com" } })).toEqual(plain);
  });

  it("pretends nothing to a server on another machine", () => {
    const geo = { US: "https://us.example.com" };
    expect(tryCommand({ shortLink: "https://go.example.com/sale", geo })).toEqual({
      command: "curl -si https://go.example.com/sale",
      from: null,
    });
  });
});
