import type { Link as ShortLink, Workspace } from "@/api/gen";
import { LinkForm } from "@/features/links/builder/link-form";

export function FirstLinkStep({
  workspace,
  onCreated,
}: {
  workspace: Workspace;
  onCreated: (link: ShortLink) => void;
}) {
  return (
    <section aria-labelledby="link-step">
      <h1 id="link-step" className="font-semibold text-3xl">
        Make your first link
      </h1>
      <p className="mt-2 text-muted-foreground">
        Say where it leads, and add the countries whose visitors should go elsewhere.
      </p>
      <LinkForm
        workspaceId={workspace.id}
        compact
        submitLabel="Create the link"
        onSaved={onCreated}
        className="mt-7 rounded-2xl border bg-card p-5 shadow-xs sm:p-6"
        footerClassName="mt-6"
      />
    </section>
  );
}
