import { createFileRoute, stripSearchParams } from "@tanstack/react-router";
import { analyticsSearchDefaults } from "@/features/analytics/search";
import { LinkPage } from "@/features/links/link-page";
import { linkQuery } from "@/features/links/queries";
import { linkSearch } from "@/features/links/search";

export const Route = createFileRoute("/app/$workspace/links/$linkId")({
  validateSearch: linkSearch,
  search: { middlewares: [stripSearchParams(analyticsSearchDefaults)] },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(linkQuery(context.workspace.id, params.linkId));
  },
  component: LinkRoute,
});

function LinkRoute() {
  const { linkId } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <LinkPage
      linkId={linkId}
      search={search}
      onSearchChange={(change) =>
        void navigate({ search: (previous) => ({ ...previous, ...change }), resetScroll: false })
      }
    />
  );
}
