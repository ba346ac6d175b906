import * as z from "zod/mini";

const adminTabs = ["queues", "dead-letters", "workflows", "objects", "crons"] as const;
export type AdminTab = (typeof adminTabs)[number];

export const workflowStates = ["running", "paused", "parked", "failed", "terminated", "succeeded"] as const;

const text = z.catch(z.optional(z.string()), undefined);
const flag = z.catch(z.optional(z.boolean()), undefined);

/** What is shown of the instance, as the address has it. */
export const adminSearch = z.object({
  tab: z.catch(z.optional(z.enum(adminTabs)), undefined),
  /** Dead letters of this queue only, and the one that is open. */
  queue: text,
  letter: text,
  /** Runs of this workflow and in this state only, and the one that is open. */
  kind: text,
  state: z.catch(z.optional(z.enum(workflowStates)), undefined),
  run: text,
  /** Objects of this class, of them only those that are parked, and the one that is open. */
  class: text,
  parked: flag,
  object: text,
  /** The cron whose history is open. */
  cron: text,
});

export type AdminSearch = z.infer<typeof adminSearch>;
export type ChangeSearch = (change: AdminSearch) => void;
