import type { VariantProps } from "class-variance-authority";
import type { CronOutcome, WorkflowState, WorkflowStepState } from "@/api/gen";
import { Badge, type badgeVariants } from "@/components/ui/badge";

type Look = { label: string; variant: VariantProps<typeof badgeVariants>["variant"] };

export const runStates: Record<WorkflowState, Look> = {
  running: { label: "Running", variant: "secondary" },
  paused: { label: "Paused", variant: "warning" },
  parked: { label: "Parked", variant: "warning" },
  failed: { label: "Failed", variant: "destructive" },
  terminated: { label: "Terminated", variant: "outline" },
  succeeded: { label: "Succeeded", variant: "success" },
};

const stepStates: Record<WorkflowStepState, Look> = {
  retrying: { label: "Retrying", variant: "warning" },
  sleeping: { label: "Sleeps", variant: "secondary" },
  waiting: { label: "Waits", variant: "secondary" },
  succeeded: { label: "Succeeded", variant: "success" },
  timed_out: { label: "Timed out", variant: "warning" },
  failed: { label: "Failed", variant: "destructive" },
};

const outcomes: Record<CronOutcome, Look> = {
  started: { label: "Began", variant: "success" },
  skipped: { label: "Left out", variant: "warning" },
  asked: { label: "Began on request", variant: "secondary" },
};

export function RunStateBadge({ state }: { state: WorkflowState }) {
  return <Badge variant={runStates[state].variant}>{runStates[state].label}</Badge>;
}

export function StepStateBadge({ state }: { state: WorkflowStepState }) {
  return <Badge variant={stepStates[state].variant}>{stepStates[state].label}</Badge>;
}

export function OutcomeBadge({ outcome }: { outcome: CronOutcome }) {
  return <Badge variant={outcomes[outcome].variant}>{outcomes[outcome].label}</Badge>;
}
