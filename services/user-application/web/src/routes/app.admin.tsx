import { createFileRoute } from "@tanstack/react-router";
import { AppShell } from "@/components/app/app-shell";
import { AdminPage, AdminsOnly } from "@/features/admin/admin-page";
import { adminSearch } from "@/features/admin/search";
import { preferredWorkspace } from "@/features/workspaces/workspace";

export const Route = createFileRoute("/app/admin")({
  validateSearch: adminSearch,
  component: AdminRoute,
});

function AdminRoute() {
  const { account } = Route.useRouteContext();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <AppShell workspace={preferredWorkspace(account.workspaces)}>
      {account.user.isInstanceAdmin ? (
        <AdminPage
          search={search}
          onSearchChange={(change) =>
            void navigate({ search: (previous) => ({ ...previous, ...change }), resetScroll: false })
          }
          onTabChange={(tab) => void navigate({ search: { tab: tab === "queues" ? undefined : tab } })}
        />
      ) : (
        <AdminsOnly />
      )}
    </AppShell>
  );
}
