import { createFileRoute, Outlet, redirect } from "@tanstack/react-router";
import { toApiError } from "@/api/errors";
import { sessionOptions } from "@/features/session/session";
import { rememberSignedIn } from "@/features/session/signed-in-hint";

export const Route = createFileRoute("/app")({
  beforeLoad: async ({ context, location }) => {
    try {
      const account = await context.queryClient.ensureQueryData(sessionOptions());
      return { account };
    } catch (error) {
      if (toApiError(error).status !== 401) throw error;
      rememberSignedIn(false);
      throw redirect({ to: "/login", search: location.href === "/app" ? {} : { next: location.href } });
    }
  },
  component: Outlet,
});
