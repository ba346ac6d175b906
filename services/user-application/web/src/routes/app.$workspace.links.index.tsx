import { createFileRoute } from "@tanstack/react-router";
import { LinksPage } from "@/features/links/links-page";
import { linksQuery } from "@/features/links/queries";
import { filterOf, linksSearch } from "@/features/links/search";

export const Route = createFileRoute("/app/$workspace/links/")({
  validateSearch: linksSearch,
  loaderDeps: ({ search }) => filterOf(search),
  loader: ({ context, deps }) => {
    // Begun here so that it runs beside the page's code; the page shows its own skeleton and errors.
    void context.queryClient.prefetchInfiniteQuery(linksQuery(context.workspace.id, deps));
  },
  component: LinksRoute,
});

function LinksRoute() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <LinksPage
      search={search}
      onSearchChange={(change, replace) =>
        void navigate({ search: (previous) => ({ ...previous, ...change }), replace, resetScroll: false })
      }
    />
  );
}
