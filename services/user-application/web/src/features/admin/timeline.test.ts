import { describe, expect, it } from "vitest";
import { sampleRun, sampleStep } from "./admin.fixture";
import { layOut } from "./timeline";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 12, 0, seconds)).toISOString();

describe("layOut", () => {
  it("puts every step where it was, to one scale", () => {
    const run = sampleRun({
      createdAt: at(0),
      finishedAt: at(10),
      steps: [
        sampleStep({ name: "fetch", startedAt: at(0), finishedAt: at(2) }),
        sampleStep({ name: "render", startedAt: at(5), finishedAt: at(10) }),
      ],
    });
    const { length, rows } = layOut(run, Date.parse(at(99)));
    expect(length).toBe(10_000);
    expect(rows.map(({ span }) => span)).toEqual([
      { from: 0, to: 0.2 },
      { from: 0.5, to: 1 },
    ]);
    expect(rows.map(({ startedAfter, took }) => [startedAfter, took])).toEqual([
      [0, 2000],
      [5000, 5000],
    ]);
  });

  it("draws what is not done up to now, however long it will sleep", () => {
    const run = sampleRun({
      createdAt: at(0),
      finishedAt: null,
      state: "running",
      steps: [
        sampleStep({
          state: "sleeping",
          startedAt: at(10),
          finishedAt: null,
          dueAt: "2027-01-01T00:00:00.000Z",
        }),
      ],
    });
    const { length, rows } = layOut(run, Date.parse(at(20)));
    expect(length).toBe(20_000);
    expect(rows[0]).toMatchObject({ span: { from: 0.5, to: 1 }, took: 10_000, isOpen: true });
  });

  it("stays inside when clocks differ, and has a length when nothing took any time", () => {
    const early = sampleStep({ startedAt: at(-3), finishedAt: at(-1) });
    const run = sampleRun({ createdAt: at(0), finishedAt: at(0), steps: [early] });
    const { length, rows } = layOut(run, Date.parse(at(0)));
    expect(length).toBe(1);
    expect(rows[0]?.span).toEqual({ from: 0, to: 0 });
    expect(rows[0]?.startedAfter).toBe(0);
  });
});
