import { infiniteQueryOptions } from "@tanstack/react-query";
import {
  getEvaluationOptions,
  getEvaluationStatusOptions,
  getEvaluationTextOptions,
  listEvaluations,
} from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";

/** Whose checks: those of one destination, or of all destinations a link has now. */
export type CheckedSubject = { linkId: string } | { destinationId: string };

const pageSize = 10;
const minute = 60_000;

const scope = (workspaceId: string) => workspaceScope({ id: workspaceId });

export const evaluationsKey = (workspaceId: string) => ["evaluations", workspaceId] as const;

/** Checks, the newest first. `waiting` for one that goes on, they are asked for again often. */
export function evaluationsQuery(workspaceId: string, subject: CheckedSubject, waiting: boolean) {
  return infiniteQueryOptions({
    queryKey: [...evaluationsKey(workspaceId), subject],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...subject, pageSize, ...(pageParam ? { startingAfter: pageParam } : {}) };
      return (await listEvaluations({ ...scope(workspaceId), query, signal, throwOnError: true })).data;
    },
    initialPageParam: "",
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    refetchInterval: waiting ? 1_500 : 20_000,
  });
}

/** A check never changes, unless somebody overrides it. */
export function evaluationQuery(workspaceId: string, evaluationId: string) {
  return {
    ...getEvaluationOptions({ ...scope(workspaceId), path: { evaluationId } }),
    staleTime: minute,
  };
}

export function evaluationTextQuery(workspaceId: string, evaluationId: string) {
  return {
    ...getEvaluationTextOptions({ ...scope(workspaceId), path: { evaluationId } }),
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export function statusQuery(workspaceId: string) {
  return { ...getEvaluationStatusOptions(scope(workspaceId)), staleTime: minute };
}

/** Where an `<img>` finds an artefact: it can send no header, so the address names the workspace. */
export function artifactUrl(path: string, workspaceId: string): string {
  return `${path}?workspaceId=${encodeURIComponent(workspaceId)}`;
}
