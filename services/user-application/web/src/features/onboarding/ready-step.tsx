import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import type { Link as ShortLink, Workspace } from "@/api/gen";
import { buttonVariants } from "@/components/ui/button";
import { CreatedLink } from "@/features/links/builder/created-link";

export function ReadyStep({ workspace, link }: { workspace: Workspace; link: ShortLink }) {
  return (
    <section aria-labelledby="ready-step">
      <h1 id="ready-step" className="font-semibold text-3xl">
        Your first link works
      </h1>
      <p className="mt-2 text-muted-foreground">
        Open it once: the click shows up on the link's page within a second or two.
      </p>
      <div className="mt-7">
        <CreatedLink link={link} />
      </div>
      <div className="mt-7 flex flex-wrap gap-2">
        <Link
          to="/app/$workspace/links/$linkId"
          params={{ workspace: workspace.slug, linkId: link.id }}
          className={buttonVariants({ size: "lg" })}
        >
          See its clicks <ArrowRight aria-hidden="true" />
        </Link>
        <Link
          to="/app/$workspace/links"
          params={{ workspace: workspace.slug }}
          className={buttonVariants({ variant: "outline", size: "lg" })}
        >
          All links
        </Link>
      </div>
    </section>
  );
}
