import { createFileRoute } from "@tanstack/react-router";
import * as z from "zod/mini";
import { SettingsPage } from "@/features/settings/settings-page";

export const Route = createFileRoute("/app/$workspace/settings")({
  validateSearch: z.object({ tab: z.catch(z.optional(z.enum(["general", "api-keys"])), undefined) }),
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
