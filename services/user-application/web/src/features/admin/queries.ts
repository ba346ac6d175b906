import { infiniteQueryOptions } from "@tanstack/react-query";
import type { DeadLetter, Object as StoredObject, Workflow, WorkflowState } from "@/api/gen";
import {
  getDeadLetterOptions,
  getObjectOptions,
  getWorkflowOptions,
  listCronRunsOptions,
  listCronsOptions,
  listDeadLetters,
  listObjectClassesOptions,
  listObjects,
  listQueuesOptions,
  listWorkflowKindsOptions,
  listWorkflows,
} from "@/api/gen";

/** How often the page asks again while it can be seen. */
const every = 3_000;
/** Long lists are asked for less often, as every page is one request. */
const everyWhenLong = 15_000;
const pageSize = 50;

const live = { refetchInterval: every, staleTime: 1_000 } as const;

export const queuesQuery = () => ({ ...listQueuesOptions(), ...live });
export const kindsQuery = () => ({ ...listWorkflowKindsOptions(), ...live });
export const classesQuery = () => ({ ...listObjectClassesOptions(), ...live });
export const cronsQuery = () => ({ ...listCronsOptions(), ...live });

export const deadLetterQuery = (id: string) => getDeadLetterOptions({ path: { id } });
export const runQuery = (id: string) => ({ ...getWorkflowOptions({ path: { id } }), ...live });
export const objectQuery = (of: string, name: string) => ({
  ...getObjectOptions({ path: { class: of, name } }),
  ...live,
});
export const cronRunsQuery = (name: string) => ({ ...listCronRunsOptions({ path: { name } }), ...live });

/** A list that is asked for page by page, each after the last entry of the one before. */
function pages<Entry>(
  key: readonly unknown[],
  nameOf: (entry: Entry) => string,
  ask: (paging: { pageSize: number; startingAfter?: string }, signal: AbortSignal) => Promise<Entry[]>,
) {
  return infiniteQueryOptions({
    queryKey: ["admin", ...key],
    queryFn: ({ pageParam, signal }) =>
      ask({ pageSize, ...(pageParam ? { startingAfter: pageParam } : {}) }, signal),
    initialPageParam: "",
    getNextPageParam: (page: Entry[]) => {
      const last = page.at(-1);
      return last && page.length === pageSize ? nameOf(last) : undefined;
    },
    staleTime: 1_000,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 3 ? everyWhenLong : every),
  });
}

export function deadLettersQuery(queue: string | undefined) {
  return pages<DeadLetter>(
    ["dead-letters", queue],
    ({ id }) => id,
    async (paging, signal) => {
      const query = { ...paging, ...(queue ? { queue } : {}) };
      return (await listDeadLetters({ query, signal, throwOnError: true })).data;
    },
  );
}

export function runsQuery(kind: string | undefined, state: WorkflowState | undefined) {
  return pages<Workflow>(
    ["workflows", kind, state],
    ({ id }) => id,
    async (paging, signal) => {
      const query = { ...paging, ...(kind ? { kind } : {}), ...(state ? { state } : {}) };
      return (await listWorkflows({ query, signal, throwOnError: true })).data;
    },
  );
}

export function objectsQuery(of: string, parked: boolean) {
  return pages<StoredObject>(
    ["objects", of, parked],
    ({ name }) => name,
    async (paging, signal) => {
      const query = { ...paging, parked };
      return (await listObjects({ path: { class: of }, query, signal, throwOnError: true })).data;
    },
  );
}
