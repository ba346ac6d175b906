import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown, Plus } from "lucide-react";
import type { Workspace } from "@/api/gen";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuGroup,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { cn } from "@/lib/utils";

function Initial({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-6 shrink-0 place-items-center rounded-md bg-signal font-bold font-display text-signal-foreground text-xs uppercase"
    >
      {Array.from(name.trim())[0] ?? "·"}
    </span>
  );
}

export function WorkspaceSwitcher({
  workspaces,
  current,
  className,
}: {
  workspaces: readonly Workspace[];
  current: Workspace | undefined;
  className?: string;
}) {
  const navigate = useNavigate();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        className={cn(
          "focus-ring flex h-10 w-full min-w-0 items-center gap-2.5 rounded-lg border bg-card px-2 text-left text-sm shadow-xs transition-colors hover:bg-accent",
          className,
        )}
      >
        <span className="sr-only">Workspace:</span>
        <Initial name={current?.name ?? "·"} />
        <span className="min-w-0 flex-1 truncate font-medium">{current?.name ?? "Choose a workspace"}</span>
        <ChevronsUpDown className="size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
      </DropdownMenuTrigger>
      <DropdownMenuContent className="w-60">
        <DropdownMenuGroup>
          <DropdownMenuLabel>Workspaces</DropdownMenuLabel>
          <DropdownMenuRadioGroup
            value={current?.slug}
            onValueChange={(slug: string) =>
              void navigate({ to: "/app/$workspace/links", params: { workspace: slug } })
            }
          >
            {workspaces.map((workspace) => (
              <DropdownMenuRadioItem key={workspace.id} value={workspace.slug} closeOnClick>
                <Initial name={workspace.name} />
                <span className="truncate">{workspace.name}</span>
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
        </DropdownMenuGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem onClick={() => void navigate({ to: "/app/onboarding" })}>
          <Plus aria-hidden="true" /> New workspace
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
