import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";

/**
 * A button of these pages: says what became of it, and has everything on the page asked for again.
 *
 * `act` calls the API itself: made from the generated mutations, two dozen that only admins need would be in what everybody
 * loads first.
 */
export function useAction<Answer, Variables>(
  act: (variables: Variables) => Promise<{ data: Answer }>,
  said: (answer: Answer) => string,
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (variables: Variables) => (await act(variables)).data,
    onSuccess: (answer) => {
      toast.success(said(answer));
    },
    onError: (error) => {
      toast.error(toApiError(error).message);
    },
    onSettled: () => queryClient.invalidateQueries({ type: "active" }),
  });
}
