import type {
  Cron,
  DeadLetterDetail,
  ObjectDetail,
  Queue,
  StoredValue,
  WorkflowDetail,
  WorkflowStep,
} from "@/api/gen";

const json: StoredValue = { format: "json", text: '{\n  "link": "link_1"\n}', bytes: 17, isTruncated: false };

export function sampleQueue(changes: Partial<Queue> = {}): Queue {
  return {
    name: "screenshots",
    kind: "jobs",
    ready: 12,
    delayed: 3,
    inFlight: 2,
    waitingBytes: null,
    dead: 1,
    oldestDueAt: "2026-11-22T11:59:00.000Z",
    isPaused: false,
    finishedPerMinute: 40,
    ...changes,
  };
}

export function sampleDeadLetter(changes: Partial<DeadLetterDetail> = {}): DeadLetterDetail {
  return {
    id: "job_1",
    queue: "screenshots",
    error: "the page could not be drawn: the browser ended: out of memory",
    attempts: 5,
    createdAt: "2026-11-22T10:00:00.000Z",
    failedAt: "2026-11-22T11:00:00.000Z",
    payloadVersion: 2,
    payload: json,
    ...changes,
  };
}

export function sampleStep(changes: Partial<WorkflowStep> = {}): WorkflowStep {
  return {
    name: "fetch",
    state: "succeeded",
    attempts: 1,
    startedAt: "2026-11-22T12:00:00.000Z",
    finishedAt: "2026-11-22T12:00:02.000Z",
    dueAt: null,
    output: json,
    error: null,
    ...changes,
  };
}

export function sampleRun(changes: Partial<WorkflowDetail> = {}): WorkflowDetail {
  return {
    id: "evaluation-1",
    kind: "evaluate",
    state: "succeeded",
    error: null,
    dueAt: null,
    node: null,
    executions: 1,
    createdAt: "2026-11-22T12:00:00.000Z",
    finishedAt: "2026-11-22T12:00:10.000Z",
    inputVersion: 1,
    input: json,
    output: json,
    steps: [sampleStep()],
    ...changes,
  };
}

export function sampleObject(changes: Partial<ObjectDetail> = {}): ObjectDetail {
  return {
    name: "ws_1",
    version: 41,
    updatedAt: "2026-11-22T11:00:00.000Z",
    alarmAt: null,
    parked: null,
    state: json,
    stateVersion: 1,
    alarmAttempts: 0,
    ...changes,
  };
}

export function sampleCron(changes: Partial<Cron> = {}): Cron {
  return {
    name: "evaluations",
    schedule: "*/5 * * * *",
    timeZone: "UTC",
    nextAt: "2026-11-22T12:05:00.000Z",
    isPaused: false,
    isKnown: true,
    lastRun: { dueAt: "2026-11-22T12:00:00.000Z", startedAt: "2026-11-22T12:00:00.100Z", outcome: "started" },
    ...changes,
  };
}
