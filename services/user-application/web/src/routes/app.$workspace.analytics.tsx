import { createFileRoute, stripSearchParams } from "@tanstack/react-router";
import { AnalyticsPage } from "@/features/analytics/analytics-page";
import { analyticsSearch, analyticsSearchDefaults } from "@/features/analytics/search";

export const Route = createFileRoute("/app/$workspace/analytics")({
  validateSearch: analyticsSearch,
  search: { middlewares: [stripSearchParams(analyticsSearchDefaults)] },
  component: AnalyticsRoute,
});

function AnalyticsRoute() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <AnalyticsPage
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
