import type { WorkflowDetail, WorkflowStep } from "@/api/gen";

/** A part of the timeline, as fractions of its whole length. */
interface Span {
  from: number;
  to: number;
}

interface TimelineRow {
  step: WorkflowStep;
  span: Span;
  /** Milliseconds after the run was started. */
  startedAfter: number;
  /** Milliseconds until it was done, or until now. */
  took: number;
  /** It is not done: it sleeps, waits, or is tried again later. */
  isOpen: boolean;
}

export interface Timeline {
  /** Milliseconds from the start of the run to its end, or to now. */
  length: number;
  rows: TimelineRow[];
}

/**
 * Where each step of a run lies in time, to one scale.
 *
 * The scale ends with the run, or now: a step that sleeps for a month must not press the others into a line, so when it
 * goes on is said in words. Clocks of nodes differ a little; nothing is drawn outside.
 */
export function layOut(run: WorkflowDetail, now: number): Timeline {
  const start = Date.parse(run.createdAt);
  const times = run.steps.flatMap((step) => [step.startedAt, step.finishedAt]);
  const last = Math.max(...times.map((time) => (time ? Date.parse(time) : start)), start);
  const end = run.finishedAt ? Math.max(Date.parse(run.finishedAt), last) : Math.max(now, last);
  // A run that took no time at all still has a scale.
  const length = Math.max(end - start, 1);
  const at = (time: number) => Math.min(1, Math.max(0, (time - start) / length));
  const rows = run.steps.map((step) => {
    const startedAt = Date.parse(step.startedAt);
    const finishedAt = step.finishedAt ? Date.parse(step.finishedAt) : end;
    return {
      step,
      span: { from: at(startedAt), to: Math.max(at(startedAt), at(finishedAt)) },
      startedAfter: Math.max(0, startedAt - start),
      took: Math.max(0, finishedAt - startedAt),
      isOpen: step.finishedAt === null,
    };
  });
  return { length, rows };
}
