import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { toApiError } from "@/api/errors";
import { signOutMutation } from "@/api/gen";
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
    // Hardly ever needed, so not part of what every page loads.
    onError: async (error) => (await import("sonner")).toast.error(toApiError(error).message),
  });
}
