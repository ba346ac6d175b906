import { createFileRoute } from "@tanstack/react-router";
import { SettingsPage } from "@/features/settings/settings-page";
import { choice, searchOf } from "@/lib/search";

export const Route = createFileRoute("/app/$workspace/settings")({
  validateSearch: searchOf({ tab: choice(["general", "api-keys"]) }),
  component: SettingsRoute,
});

function SettingsRoute() {
  const { tab = "general" } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <SettingsPage
      tab={tab}
      onTabChange={(next) =>
        void navigate({ search: { tab: next === "general" ? undefined : next }, replace: true })
      }
    />
  );
}
