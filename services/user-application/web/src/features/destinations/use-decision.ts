import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";
import {
  checkDestination,
  markEvaluationWrong,
  type Pin,
  pinDestination,
  restoreDestination,
} from "@/api/gen";
import { evaluationsKey } from "@/features/health/queries";
import { linkListsKey } from "@/features/links/queries";
import { workspaceScope } from "@/features/workspaces/workspace";
import { inboxKey, summaryQuery } from "./queries";

/** What somebody can decide about a destination, or have done with it. */
export type Decision =
  | { kind: "restore" }
  | { kind: "pin"; pin: Pin | null }
  | { kind: "wrong"; evaluationId: string }
  | { kind: "check" };

const said = (decision: Decision): string => {
  if (decision.kind === "restore") return "Visitors go there again";
  if (decision.kind === "wrong") return "Corrected. Visitors are led accordingly";
  if (decision.kind === "check") return "The check has begun. Its result appears here";
  if (decision.pin === null) return "The checks decide again";
  return decision.pin === "primary" ? "Visitors always go there" : "Visitors always go to a backup";
};

/** Carries a decision out and says what became of it. */
export function useDecision(workspaceId: string, destinationId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (decision: Decision): Promise<void> => {
      const options = {
        ...workspaceScope({ id: workspaceId }),
        path: { destinationId },
        throwOnError: true,
      } as const;
      if (decision.kind === "restore") await restoreDestination(options);
      else if (decision.kind === "pin") await pinDestination({ ...options, body: { pin: decision.pin } });
      else if (decision.kind === "check") await checkDestination(options);
      else await markEvaluationWrong({ ...options, body: { evaluationId: decision.evaluationId } });
    },
    onSuccess: (_, decision) => {
      toast.success(said(decision));
    },
    onError: (error) => {
      toast.error(toApiError(error).message);
    },
    onSettled: () =>
      Promise.all(
        [
          inboxKey(workspaceId),
          evaluationsKey(workspaceId),
          linkListsKey(workspaceId),
          summaryQuery(workspaceId).queryKey,
        ].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}
