import { createFileRoute } from "@tanstack/react-router";
import { OnboardingPage } from "@/features/onboarding/onboarding-page";
import { findWorkspace } from "@/features/workspaces/workspace";
import { searchOf, text } from "@/lib/search";

export const Route = createFileRoute("/app/onboarding")({
  /** The workspace that has been created: what remains is its first link. */
  validateSearch: searchOf({ workspace: text }),
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
