import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";
import { signOutMutation } from "@/api/gen/@tanstack/react-query.gen";
import { endSession } from "./session";

export function useSignOut() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    ...signOutMutation(),
    onSuccess: async () => {
      // Leave first: the signed-in pages must not ask again for what is about to be forgotten.
      await navigate({ to: "/login" });
      endSession(queryClient);
    },
    onError: (error) => toast.error(toApiError(error).message),
  });
}
