import { createFileRoute } from "@tanstack/react-router";
import * as z from "zod/mini";
import { OnboardingPage } from "@/features/onboarding/onboarding-page";
import { findWorkspace } from "@/features/workspaces/workspace";

export const Route = createFileRoute("/app/onboarding")({
  /** The workspace that has been created: what remains is its first link. */
  validateSearch: z.object({ workspace: z.catch(z.optional(z.string()), undefined) }),
  component: OnboardingRoute,
});

function OnboardingRoute() {
  const { account } = Route.useRouteContext();
  const { workspace: slug } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <OnboardingPage
      account={account}
      workspace={slug ? findWorkspace(account.workspaces, slug) : undefined}
      onWorkspaceCreated={({ slug }) => void navigate({ search: { workspace: slug }, replace: true })}
    />
  );
}
