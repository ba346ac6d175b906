import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import world from "./world.json";
import { WorldMap } from "./world-map";

function show(values: { code: string; value: number }[]) {
  return render(
    <WorldMap
      values={values}
      label="Clicks by country"
      nameOf={(code) => `name of ${code}`}
      describe={(value) => `${value} clicks`}
      format={String}
    />,
  );
}

describe("the world map", () => {
  it("has a place for every country it is given, also for those without a shape of their own", () => {
    show([
      { code: "DE", value: 30 },
      { code: "SG", value: 2 },
      { code: "RE", value: 1 },
    ]);
    const shown = screen.getAllByRole("img").map((shape) => shape.getAttribute("aria-label"));
    expect(shown.sort()).toEqual(["name of DE: 30 clicks", "name of RE: 1 clicks", "name of SG: 2 clicks"]);
  });

  it("leaves out what is no country", () => {
    show([{ code: "Unknown", value: 9 }]);
    expect(screen.queryAllByRole("img")).toEqual([]);
  });

  it("is one tab stop, with the arrow keys going from the largest number down", async () => {
    show([
      { code: "FR", value: 5 },
      { code: "DE", value: 30 },
      { code: "SG", value: 2 },
    ]);
    const focused = () => document.activeElement?.getAttribute("data-code");
    await userEvent.tab();
    expect(focused()).toBe("DE");
    await userEvent.keyboard("{ArrowRight}");
    expect(focused()).toBe("FR");
    await userEvent.keyboard("{End}");
    expect(focused()).toBe("SG");
    await userEvent.keyboard("{ArrowRight}{Home}");
    expect(focused()).toBe("DE");
    expect(screen.getByText("30 clicks")).toBeTruthy();
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByText("30 clicks")).toBeNull();
  });

  it("shows the number of a country under the pointer, none included", async () => {
    const { container } = show([{ code: "DE", value: 30 }]);
    const brazil = container.querySelector('[data-code="BR"]');
    await act(async () => userEvent.hover(brazil as Element));
    expect(screen.getByText("name of BR")).toBeTruthy();
    expect(screen.getByText("0 clicks")).toBeTruthy();
  });

  it("explains its colours from none to the largest number", () => {
    show([{ code: "DE", value: 30 }]);
    const labels = screen.getAllByRole("listitem").map((item) => item.textContent);
    expect(labels).toEqual(["0", "1", "2–4", "5–9", "10–30"]);
  });
});

describe("the drawing of the world", () => {
  it("names each country once and keeps every centre on the canvas", () => {
    const shapes = [...world.countries, ...world.dots];
    const codes = shapes.flatMap(({ code }) => (code === null ? [] : [code]));
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThan(240);
    for (const { centre } of shapes) {
      expect(centre[0]).toBeGreaterThanOrEqual(0);
      expect(centre[0]).toBeLessThanOrEqual(world.width);
      expect(centre[1]).toBeLessThanOrEqual(world.height);
    }
  });
});
