import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { openPage, refusal, serve } from "@/features/links/page.fixture";
import {
  sampleCron,
  sampleDeadLetter,
  sampleObject,
  sampleQueue,
  sampleRun,
  sampleStep,
} from "./admin.fixture";

const clicks = sampleQueue({ name: "clicks", kind: "log", ready: null, waitingBytes: 1500, dead: 0 });

function serveAdmin(handlers: Parameters<typeof serve>[0] = {}) {
  return serve({
    "GET /api/admin/queues": () => Response.json([clicks, sampleQueue()]),
    ...handlers,
  });
}

async function press(name: string | RegExp) {
  await userEvent.click(await screen.findByRole("button", { name }));
}

describe("queues", () => {
  it("shows how each is doing, in jobs or in bytes, and never offers to pause the log of clicks", async () => {
    serveAdmin();
    openPage("/app/admin");
    const log = await screen.findByRole("heading", { name: "clicks" });
    expect(within(log.closest("li") as HTMLElement).getByText("1.5 KB")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Pause clicks" })).toBeNull();
    expect(screen.getByRole("button", { name: "Show the dead letters of screenshots: 1" })).toBeTruthy();
  });

  it("pauses one and says so", async () => {
    let isPaused = false;
    const sent = serveAdmin({
      "GET /api/admin/queues": () => Response.json([sampleQueue({ isPaused })]),
      "POST /api/admin/queues/screenshots/pause": () => {
        isPaused = true;
        return Response.json(sampleQueue({ isPaused }));
      },
    });
    openPage("/app/admin");
    await press("Pause screenshots");
    expect(await screen.findByText("Paused")).toBeTruthy();
    expect(await screen.findByRole("button", { name: "Resume screenshots" })).toBeTruthy();
    expect(sent.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("says what went wrong, and asks again when told to", async () => {
    let isDown = true;
    serveAdmin({
      "GET /api/admin/queues": () =>
        isDown ? refusal(500, "internal_server_error") : Response.json([sampleQueue()]),
    });
    openPage("/app/admin");
    expect(await screen.findByText("This did not load")).toBeTruthy();
    isDown = false;
    await press("Try again");
    expect(await screen.findByRole("heading", { name: "screenshots" })).toBeTruthy();
  });
});

describe("who is no admin of the instance", () => {
  it("is told so, and nothing is asked for", async () => {
    const account = {
      user: {
        id: "user_2",
        email: "leo@example.com",
        name: "Leo",
        isInstanceAdmin: false,
        createdAt: "2026-11-22T12:00:00.000Z",
      },
      workspaces: [],
    };
    const sent = serve({ "GET /api/me": () => Response.json(account) });
    openPage("/app/admin");
    expect(await screen.findByText("Only for admins of this instance")).toBeTruthy();
    expect(sent.every(({ url }) => !url.pathname.startsWith("/api/admin"))).toBe(true);
  });
});

describe("dead letters", () => {
  it("shows the error with its causes and what the job carries, and replays it", async () => {
    let letters = [sampleDeadLetter()];
    serveAdmin({
      "GET /api/admin/dead-letters": () => Response.json(letters),
      "GET /api/admin/dead-letters/job_1": () => Response.json(sampleDeadLetter()),
      "POST /api/admin/dead-letters/job_1/replay": () => {
        letters = [];
        return Response.json({ id: "job_1", queue: "screenshots" });
      },
    });
    openPage("/app/admin?tab=dead-letters");
    await press(/the page could not be drawn/);
    const causes = await screen.findByRole("list", { name: "Causes" });
    expect(
      within(causes)
        .getAllByRole("listitem")
        .map(({ textContent }) => textContent),
    ).toEqual(["the browser ended", "out of memory"]);
    expect(screen.getByText(/"link": "link_1"/)).toBeTruthy();
    await press("Replay");
    expect(await screen.findByText("No dead letters")).toBeTruthy();
  });

  it("deletes all of a queue only after asking", async () => {
    const sent = serveAdmin({
      "GET /api/admin/dead-letters": () => Response.json([sampleDeadLetter()]),
      "DELETE /api/admin/queues/screenshots/dead-letters": () => Response.json({ deleted: 1 }),
    });
    openPage("/app/admin?tab=dead-letters&queue=screenshots");
    await press("Delete all");
    const dialog = await screen.findByRole("alertdialog");
    expect(sent.some(({ method }) => method === "DELETE")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete all" }));
    await waitFor(() => expect(sent.some(({ method }) => method === "DELETE")).toBe(true));
    const asked = sent.find(({ url }) => url.pathname === "/api/admin/dead-letters");
    expect(asked?.url.searchParams.get("queue")).toBe("screenshots");
  });
});

describe("workflows", () => {
  const failed = sampleRun({
    state: "failed",
    error: "the page did not answer",
    steps: [
      sampleStep({ name: "fetch" }),
      sampleStep({ name: "render", state: "failed", attempts: 3, error: "timed out", output: null }),
    ],
  });
  const kind = {
    kind: "evaluate",
    isKnown: true,
    due: 0,
    asleep: 2,
    inFlight: 1,
    paused: 0,
    parked: 0,
    oldestDueAt: null,
  };

  it("restarts a run from a step, after asking", async () => {
    const sent = serveAdmin({
      "GET /api/admin/workflows/kinds": () => Response.json([kind]),
      "GET /api/admin/workflows": () => Response.json([failed]),
      "GET /api/admin/workflows/evaluation-1": () => Response.json(failed),
      "POST /api/admin/workflows/evaluation-1/restart": () => Response.json(failed),
    });
    openPage("/app/admin?tab=workflows&state=failed");
    await press("evaluation-1");
    const steps = await screen.findByRole("list", { name: "Steps" });
    expect(within(steps).getByText(/Began after 0 ms, took 2 s, 3 attempts/)).toBeTruthy();
    await press("Restart from here: render");
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Restart" }));
    await waitFor(() =>
      expect(sent.find(({ method }) => method === "POST")?.body).toEqual({ fromStep: "render" }),
    );
    expect(
      sent.find(({ url }) => url.pathname === "/api/admin/workflows")?.url.searchParams.get("state"),
    ).toBe("failed");
  });

  it("offers to pause and to end what runs, and neither for what has ended", async () => {
    const running = sampleRun({ state: "running", finishedAt: null, output: null });
    let run = running;
    serveAdmin({
      "GET /api/admin/workflows/kinds": () => Response.json([kind]),
      "GET /api/admin/workflows": () => Response.json([run]),
      "GET /api/admin/workflows/evaluation-1": () => Response.json(run),
      "POST /api/admin/workflows/evaluation-1/terminate": () => {
        run = sampleRun({ state: "terminated" });
        return Response.json(run);
      },
    });
    openPage("/app/admin?tab=workflows&run=evaluation-1");
    expect(await screen.findByRole("button", { name: "Pause" })).toBeTruthy();
    await press("Terminate");
    await press("End the run");
    await waitFor(() => expect(screen.queryByRole("button", { name: "Pause" })).toBeNull());
    expect(screen.queryByRole("button", { name: "Terminate" })).toBeNull();
  });
});

describe("objects", () => {
  it("shows what one remembers, and lets a parked one go on", async () => {
    let parked: string | null = "its handler panicked: fix it, then resume";
    serveAdmin({
      "GET /api/admin/objects": () =>
        Response.json([{ class: "counter", objects: 7, alarms: 1, nextAlarmAt: null, parked: 1 }]),
      "GET /api/admin/objects/counter": () => Response.json([sampleObject({ parked })]),
      "GET /api/admin/objects/counter/ws_1": () => Response.json(sampleObject({ parked })),
      "POST /api/admin/objects/counter/ws_1/resume": () => {
        parked = null;
        return Response.json(sampleObject());
      },
    });
    openPage("/app/admin?tab=objects");
    await press("Show the parked objects of counter: 1");
    await press("ws_1");
    expect(await screen.findByText("It takes no messages")).toBeTruthy();
    await press("Resume");
    await waitFor(() => expect(screen.queryByText("It takes no messages")).toBeNull());
  });
});

describe("schedules", () => {
  it("runs one now, and shows what became of its runs", async () => {
    const sent = serveAdmin({
      "GET /api/admin/crons": () => Response.json([sampleCron()]),
      "GET /api/admin/crons/evaluations/runs": () =>
        Response.json([
          { dueAt: "2026-11-22T11:55:00.000Z", startedAt: "2026-11-22T12:00:00.000Z", outcome: "skipped" },
        ]),
      "POST /api/admin/crons/evaluations/run": () => Response.json(sampleCron()),
    });
    openPage("/app/admin?tab=crons");
    await press("Run now: evaluations");
    await waitFor(() => expect(sent.some(({ method }) => method === "POST")).toBe(true));
    await press("History of evaluations");
    expect(await screen.findByText("Left out")).toBeTruthy();
  });
});
