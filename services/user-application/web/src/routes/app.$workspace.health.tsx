import { createFileRoute } from "@tanstack/react-router";
import { InboxPage } from "@/features/destinations/inbox-page";
import { inboxSearch } from "@/features/destinations/search";

export const Route = createFileRoute("/app/$workspace/health")({
  validateSearch: inboxSearch,
  component: HealthRoute,
});

function HealthRoute() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <InboxPage
      search={search}
      onSearchChange={(change) =>
        void navigate({
          search: (previous) => ({ ...previous, ...change }),
          replace: true,
          resetScroll: false,
        })
      }
    />
  );
}
