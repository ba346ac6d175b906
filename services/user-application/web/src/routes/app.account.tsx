import { createFileRoute } from "@tanstack/react-router";
import { AppShell } from "@/components/app/app-shell";
import { AccountPage } from "@/features/account/account-page";
import { preferredWorkspace } from "@/features/workspaces/workspace";

export const Route = createFileRoute("/app/account")({ component: AccountRoute });

function AccountRoute() {
  const { account } = Route.useRouteContext();
  return (
    <AppShell workspace={preferredWorkspace(account.workspaces)}>
      <AccountPage />
    </AppShell>
  );
}
