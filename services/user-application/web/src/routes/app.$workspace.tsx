import { createFileRoute, notFound, Outlet } from "@tanstack/react-router";
import { AppShell } from "@/components/app/app-shell";
import { useWorkspace } from "@/features/workspaces/use-workspace";
import { findWorkspace, rememberWorkspace } from "@/features/workspaces/workspace";

export const Route = createFileRoute("/app/$workspace")({
  beforeLoad: ({ context, params }) => {
    const workspace = findWorkspace(context.account.workspaces, params.workspace);
    if (!workspace) throw notFound();
    rememberWorkspace(workspace);
    return { workspace };
  },
  component: WorkspaceLayout,
});

function WorkspaceLayout() {
  return (
    <AppShell workspace={useWorkspace()}>
      <Outlet />
    </AppShell>
  );
}
