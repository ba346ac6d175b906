import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import type { Account, Link as ShortLink, Workspace } from "@/api/gen";
import { Logo } from "@/components/app/logo";
import { OfflineBanner } from "@/components/app/offline-banner";
import { PageSkeleton } from "@/components/app/page-skeleton";
import { ThemeButton } from "@/components/app/theme-button";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/lib/utils";
import { WorkspaceStep } from "./workspace-step";

// Fetched while the workspace is given its name.
const loadLinkSteps = () => import("./link-steps");
const FirstLinkStep = lazy(() => loadLinkSteps().then((module) => ({ default: module.FirstLinkStep })));
const ReadyStep = lazy(() => loadLinkSteps().then((module) => ({ default: module.ReadyStep })));

/** From nothing to a link that works: a workspace, a link, a look at it. */
export function OnboardingPage({
  account,
  workspace,
  onWorkspaceCreated,
}: {
  account: Account;
  workspace: Workspace | undefined;
  onWorkspaceCreated: (workspace: Workspace) => void;
}) {
  const [link, setLink] = useState<ShortLink | null>(null);
  useEffect(() => void loadLinkSteps(), []);
  const step = workspace ? (link ? 3 : 2) : 1;
  const leave = workspace ?? account.workspaces[0];
  return (
    <div className="flex min-h-dvh flex-col">
      <title>{`${titles[step - 1]} · Hashroute`}</title>
      <OfflineBanner />
      <header className="mx-auto flex w-full max-w-2xl items-center gap-2 px-4 py-5">
        <span className="mr-auto">
          <Logo />
        </span>
        {leave && !link && (
          <Link
            to="/app/$workspace/links"
            params={{ workspace: leave.slug }}
            className={buttonVariants({ variant: "ghost" })}
          >
            {workspace ? "Skip" : "Cancel"}
          </Link>
        )}
        <ThemeButton />
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-2xl flex-1 px-4 pt-4 pb-20 outline-none sm:pt-8"
      >
        <Steps current={step} />
        {!workspace && (
          <WorkspaceStep first={account.workspaces.length === 0} onCreated={onWorkspaceCreated} />
        )}
        <Suspense fallback={<PageSkeleton />}>
          {workspace && !link && <FirstLinkStep workspace={workspace} onCreated={setLink} />}
          {workspace && link && <ReadyStep workspace={workspace} link={link} />}
        </Suspense>
      </main>
    </div>
  );
}

const steps = ["Workspace", "First link", "Ready"];
const titles = ["New workspace", "Your first link", "Your link is ready"];

function Steps({ current }: { current: number }) {
  return (
    <ol aria-label="Steps" className="mb-8 flex items-center gap-2 text-sm">
      {steps.map((label, index) => {
        const number = index + 1;
        const done = number < current;
        const now = number === current;
        return (
          <li key={label} aria-current={now ? "step" : undefined} className="flex items-center gap-2">
            {index > 0 && (
              <span
                aria-hidden="true"
                className={cn("h-0.5 w-6 rounded-full sm:w-12", done || now ? "bg-primary" : "bg-border")}
              />
            )}
            <span
              aria-hidden="true"
              className={cn(
                "grid size-6 place-items-center rounded-full font-semibold text-xs",
                done && "bg-primary text-primary-foreground",
                now && "bg-signal text-signal-foreground",
                !done && !now && "border text-muted-foreground",
              )}
            >
              {done ? <Check className="size-3.5" /> : number}
            </span>
            <span className={cn(now ? "font-medium" : "text-muted-foreground max-sm:sr-only")}>
              {label}
              {done && <span className="sr-only"> (done)</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
