import { lazy, Suspense, useEffect } from "react";
import { Sheet, SheetBody, SheetContent, SheetTitle } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import type { ShortLink } from "../link";

// The form is most of the weight of the pages that can open it: it is fetched once the page stands.
const load = () => import("./link-builder");
const CreateLink = lazy(() => load().then((module) => ({ default: module.CreateLink })));
const EditLink = lazy(() => load().then((module) => ({ default: module.EditLink })));

export type BuilderTarget =
  | { kind: "new" }
  | { kind: "copy"; linkId: string }
  | { kind: "edit"; linkId: string };

/** The link builder beside the page, opened and closed by the URL. */
export function LinkBuilderSheet({
  target,
  workspaceId,
  onClose,
  onShow,
}: {
  /** What to build; null while the builder is closed. */
  target: BuilderTarget | null;
  workspaceId: string;
  onClose: () => void;
  /** Asked to show the page of a link that was just created. */
  onShow: (link: ShortLink) => void;
}) {
  useEffect(() => {
    const timer = setTimeout(() => void load(), 1500);
    return () => clearTimeout(timer);
  }, []);

  return (
    <Sheet open={target !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent>
        <Suspense fallback={<BuilderPending />}>
          {target?.kind === "edit" && (
            <EditLink
              key={target.linkId}
              linkId={target.linkId}
              workspaceId={workspaceId}
              onClose={onClose}
            />
          )}
          {target && target.kind !== "edit" && (
            <CreateLink
              key={target.kind === "copy" ? target.linkId : "new"}
              copyOf={target.kind === "copy" ? target.linkId : undefined}
              workspaceId={workspaceId}
              onClose={onClose}
              onShow={onShow}
            />
          )}
        </Suspense>
      </SheetContent>
    </Sheet>
  );
}

function BuilderPending() {
  return (
    <SheetBody className="grid content-start gap-6">
      <SheetTitle className="sr-only">Loading the form…</SheetTitle>
      <Skeleton className="h-11 w-full" />
      <Skeleton className="h-28 w-full rounded-xl" />
      <Skeleton className="h-9 w-full" />
    </SheetBody>
  );
}
