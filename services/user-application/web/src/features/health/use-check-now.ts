import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";
import { checkDestination, checkLink, type Evaluation, type StartedCheck } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import type { CheckedSubject } from "./queries";
import { waitingFor } from "./waiting";

/** After this long a result is no longer waited for; it comes to the list all the same. */
const longest = 90_000;

/** Asks for a check now and knows, from the checks the page has, whether its result is still awaited. */
export function useCheckNow(workspaceId: string, subject: CheckedSubject) {
  const [started, setStarted] = useState<StartedCheck[]>([]);
  const [overdue, setOverdue] = useState(false);
  const mutation = useMutation({
    mutationFn: async () => {
      const options = { ...workspaceScope({ id: workspaceId }), throwOnError: true } as const;
      if ("linkId" in subject) return (await checkLink({ ...options, path: subject })).data;
      return [(await checkDestination({ ...options, path: subject })).data];
    },
    onSuccess: (checks) => {
      setOverdue(false);
      setStarted(checks);
    },
    onError: (error) => {
      toast.error(toApiError(error).message);
    },
  });

  useEffect(() => {
    if (started.length === 0) return;
    const timer = setTimeout(() => setOverdue(true), longest);
    return () => clearTimeout(timer);
  }, [started]);

  return {
    begin: () => mutation.mutate(),
    isBeginning: mutation.isPending,
    started,
    overdue,
    waiting: (evaluations: readonly Evaluation[]) => (overdue ? [] : waitingFor(started, evaluations)),
  };
}
