import { useNavigate } from "@tanstack/react-router";
import { BookOpen, ChevronsUpDown, LogOut, ServerCog, UserRound } from "lucide-react";
import type { User } from "@/api/gen";
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
import { useSignOut } from "@/features/session/use-sign-out";
import { useThemeChoice } from "@/hooks/use-theme";
import { setThemeChoice } from "@/lib/theme";
import { themeLabels } from "./theme-button";

export function UserMenu({ user }: { user: User }) {
  const navigate = useNavigate();
  const theme = useThemeChoice();
  const signOut = useSignOut();
  const name = user.name || user.email;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="focus-ring flex w-full min-w-0 items-center gap-2.5 rounded-lg p-2 text-left text-sm transition-colors hover:bg-sidebar-accent">
        <span
          aria-hidden="true"
          className="grid size-8 shrink-0 place-items-center rounded-full bg-primary font-semibold text-primary-foreground text-xs uppercase"
        >
          {Array.from(name)[0]}
        </span>
        <span className="min-w-0 flex-1">
          <span className="sr-only">Your account: </span>
          <span className="block truncate font-medium leading-tight">{name}</span>
          {user.name && <span className="block truncate text-muted-foreground text-xs">{user.email}</span>}
        </span>
        <ChevronsUpDown className="size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
      </DropdownMenuTrigger>
      <DropdownMenuContent side="top" className="w-56">
        <DropdownMenuItem onClick={() => void navigate({ to: "/app/account" })}>
          <UserRound aria-hidden="true" /> Account
        </DropdownMenuItem>
        <DropdownMenuItem onClick={() => window.open("/api/docs", "_blank", "noopener")}>
          <BookOpen aria-hidden="true" /> API reference
        </DropdownMenuItem>
        {user.isInstanceAdmin && (
          <DropdownMenuItem onClick={() => void navigate({ to: "/app/admin" })}>
            <ServerCog aria-hidden="true" /> Instance
          </DropdownMenuItem>
        )}
        <DropdownMenuSeparator />
        <DropdownMenuGroup>
          <DropdownMenuLabel>Theme</DropdownMenuLabel>
          <DropdownMenuRadioGroup value={theme} onValueChange={setThemeChoice}>
            {Object.entries(themeLabels).map(([value, { label, icon: Icon }]) => (
              <DropdownMenuRadioItem key={value} value={value}>
                <Icon aria-hidden="true" /> {label}
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
        </DropdownMenuGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem onClick={() => signOut.mutate({})}>
          <LogOut aria-hidden="true" /> Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
