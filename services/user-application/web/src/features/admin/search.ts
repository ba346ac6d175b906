import { choice, type SearchOf, searchOf, text } from "@/lib/search";

const adminTabs = ["queues", "dead-letters", "workflows", "objects", "crons"] as const;
export type AdminTab = (typeof adminTabs)[number];

export const workflowStates = ["running", "paused", "parked", "failed", "terminated", "succeeded"] as const;

/** What is shown of the instance, as the address has it. */
export const adminSearch = searchOf({
  tab: choice(adminTabs),
  /** Dead letters of this queue only, and the one that is open. */
  queue: text,
  letter: text,
  /** Runs of this workflow and in this state only, and the one that is open. */
  kind: text,
  state: choice(workflowStates),
  run: text,
  /** Objects of this class, of them only those that are parked, and the one that is open. */
  class: text,
  parked: (value): boolean | undefined => (typeof value === "boolean" ? value : undefined),
  object: text,
  /** The cron whose history is open. */
  cron: text,
});

export type AdminSearch = SearchOf<typeof adminSearch>;
export type ChangeSearch = (change: AdminSearch) => void;
