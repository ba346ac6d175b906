import { createFileRoute, redirect } from "@tanstack/react-router";
import { preferredWorkspace } from "@/features/workspaces/workspace";

export const Route = createFileRoute("/app/")({
  beforeLoad: ({ context }) => {
    const workspace = preferredWorkspace(context.account.workspaces);
    if (!workspace) throw redirect({ to: "/app/onboarding", replace: true });
    throw redirect({ to: "/app/$workspace/links", params: { workspace: workspace.slug }, replace: true });
  },
});
