import { useNavigate } from "@tanstack/react-router";
import { Page, PageHeader } from "@/components/app/page";
import { useWorkspace } from "@/features/workspaces/use-workspace";
import { canWriteLinks } from "@/features/workspaces/workspace";
import { type BuilderTarget, LinkBuilderSheet } from "./builder/link-builder-sheet";
import { LinksList } from "./links-list";
import { filterOf, type LinksFilter, type LinksSearch } from "./search";

const closed: Partial<LinksSearch> = { new: undefined, copy: undefined, edit: undefined };

/** All links of the workspace, with the builder beside them. */
export function LinksPage({
  search,
  onSearchChange,
}: {
  search: LinksSearch;
  onSearchChange: (change: Partial<LinksSearch>, replace?: boolean) => void;
}) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const canWrite = canWriteLinks(workspace);
  const filter = filterOf(search);

  function changeFilter(change: Partial<LinksFilter>) {
    const next = { ...filter, ...change };
    onSearchChange({ q: next.search || undefined, archived: next.showArchived || undefined }, true);
  }

  return (
    <Page>
      <PageHeader title="Links" description="Where each one leads, and how often it was clicked" />
      <LinksList
        filter={filter}
        onFilterChange={changeFilter}
        workspaceId={workspace.id}
        workspaceSlug={workspace.slug}
        canWrite={canWrite}
        onCreate={() => onSearchChange({ ...closed, new: true })}
        onEdit={(link) => onSearchChange({ ...closed, edit: link.id })}
        onDuplicate={(link) => onSearchChange({ ...closed, copy: link.id })}
      />
      <LinkBuilderSheet
        target={canWrite ? targetOf(search) : null}
        workspaceId={workspace.id}
        onClose={() => onSearchChange(closed)}
        onShow={(link) =>
          void navigate({
            to: "/app/$workspace/links/$linkId",
            params: { workspace: workspace.slug, linkId: link.id },
          })
        }
      />
    </Page>
  );
}

function targetOf(search: LinksSearch): BuilderTarget | null {
  if (search.edit) return { kind: "edit", linkId: search.edit };
  if (search.copy) return { kind: "copy", linkId: search.copy };
  return search.new ? { kind: "new" } : null;
}
