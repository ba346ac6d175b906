import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import type { Workspace } from "@/api/gen";
import { buttonVariants } from "@/components/ui/button";
import { sessionOptions } from "@/features/session/session";
import { canWriteLinks } from "@/features/workspaces/workspace";
import { Logo, LogoMark } from "./logo";
import { workspacePlaces } from "./navigation";
import { OfflineBanner } from "./offline-banner";
import { UserMenu } from "./user-menu";
import { WorkspaceSwitcher } from "./workspace-switcher";

/** What surrounds every signed-in page: sidebar on wide screens, bars at the top and the bottom on small ones. */
export function AppShell({ workspace, children }: { workspace: Workspace | undefined; children: ReactNode }) {
  const { data: account } = useSuspenseQuery(sessionOptions());
  return (
    <div className="flex min-h-dvh flex-col lg:grid lg:grid-cols-[15.5rem_1fr]">
      <div className="hidden border-r bg-sidebar text-sidebar-foreground lg:block">
        <aside className="sticky top-0 flex h-dvh flex-col gap-5 overflow-y-auto px-3 py-5">
          <Link to="/app" className="focus-ring mx-2 self-start rounded-md">
            <Logo />
            <span className="sr-only">: your links</span>
          </Link>
          <WorkspaceSwitcher workspaces={account.workspaces} current={workspace} />
          {workspace && (
            <>
              {canWriteLinks(workspace) && <NewLink workspace={workspace} className="w-full" />}
              <nav aria-label="Workspace" className="grid gap-0.5">
                {workspacePlaces.map(({ to, label, icon: Icon }) => (
                  <Link
                    key={to}
                    to={to}
                    params={{ workspace: workspace.slug }}
                    className="focus-ring flex h-9 items-center gap-2.5 rounded-md px-2.5 font-medium text-muted-foreground text-sm transition-colors hover:bg-sidebar-accent/60 hover:text-foreground"
                    activeProps={{ className: "bg-sidebar-accent text-sidebar-accent-foreground" }}
                  >
                    <Icon className="size-4" aria-hidden="true" />
                    {label}
                  </Link>
                ))}
              </nav>
            </>
          )}
          <div className="mt-auto">
            <UserMenu user={account.user} />
          </div>
        </aside>
      </div>

      <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-b bg-background/95 px-3 backdrop-blur lg:hidden">
        <Link to="/app" className="focus-ring rounded-md p-1" aria-label="Hashroute: your links">
          <LogoMark className="size-8" />
        </Link>
        <WorkspaceSwitcher workspaces={account.workspaces} current={workspace} className="w-auto max-w-52" />
        <div className="ml-auto">
          {workspace && canWriteLinks(workspace) && <NewLink workspace={workspace} size="sm" />}
        </div>
      </header>

      <div className="flex min-w-0 flex-1 flex-col pb-[calc(4.25rem+env(safe-area-inset-bottom))] lg:pb-0">
        <OfflineBanner />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          {children}
        </main>
      </div>

      <BottomBar workspace={workspace} />
    </div>
  );
}

function NewLink({
  workspace,
  size,
  className,
}: {
  workspace: Workspace;
  size?: "sm" | "default";
  className?: string;
}) {
  return (
    <Link
      to="/app/$workspace/links"
      params={{ workspace: workspace.slug }}
      search={{ new: true }}
      className={buttonVariants({ size, className })}
    >
      <Plus aria-hidden="true" /> New link
    </Link>
  );
}

function BottomBar({ workspace }: { workspace: Workspace | undefined }) {
  const itemClassName =
    "focus-ring flex flex-col items-center justify-center gap-1 rounded-lg py-1.5 font-medium text-[0.6875rem] text-muted-foreground focus-visible:-outline-offset-2";
  const activeProps = { className: "text-foreground [&_svg]:bg-signal [&_svg]:text-signal-foreground" };
  const iconClassName = "h-7 w-12 rounded-full p-1.5 transition-colors";
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 grid auto-cols-fr grid-flow-col border-t bg-background/95 px-2 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:hidden"
    >
      {workspace &&
        workspacePlaces.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            params={{ workspace: workspace.slug }}
            className={itemClassName}
            activeProps={activeProps}
          >
            <Icon className={iconClassName} aria-hidden="true" />
            {label}
          </Link>
        ))}
      <Link to="/app/account" className={itemClassName} activeProps={activeProps}>
        <UserRound className={iconClassName} aria-hidden="true" />
        Account
      </Link>
    </nav>
  );
}
