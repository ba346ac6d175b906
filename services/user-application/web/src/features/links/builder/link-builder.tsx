import { useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import { toast } from "sonner";
import { ErrorState } from "@/components/app/error-state";
import {
  AlertDialog,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogTitle,
} from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { SheetBody, SheetDescription, SheetFooter, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { displayAddress, type ShortLink } from "../link";
import { linkQuery } from "../queries";
import { CreatedLink } from "./created-link";
import { LinkForm } from "./link-form";
import { NewLinkForm } from "./new-link-form";
import { valuesForCopy, valuesOf } from "./values";

const formLayout = {
  className: "flex min-h-0 flex-1 flex-col",
  bodyClassName: "flex-1 overflow-y-auto px-6 py-5",
  footerClassName: "border-t px-6 py-4",
};

/** A new link, from nothing or as a copy; then what can be done with it. */
export function CreateLink({
  copyOf,
  workspaceId,
  onClose,
  onShow,
}: {
  copyOf?: string;
  workspaceId: string;
  onClose: () => void;
  onShow: (link: ShortLink) => void;
}) {
  const [created, setCreated] = useState<ShortLink | null>(null);
  const [round, setRound] = useState(0);
  const source = useQuery({ ...linkQuery(workspaceId, copyOf ?? ""), enabled: copyOf !== undefined });

  if (created) {
    return (
      <>
        <SheetHeader>
          <SheetTitle>Link created</SheetTitle>
          <SheetDescription>Clicks appear within seconds.</SheetDescription>
        </SheetHeader>
        <SheetBody>
          <CreatedLink link={created} />
        </SheetBody>
        <SheetFooter>
          <Button
            variant="outline"
            onClick={() => {
              setCreated(null);
              setRound(round + 1);
            }}
          >
            Create another
          </Button>
          <Button onClick={() => onShow(created)}>See its clicks</Button>
        </SheetFooter>
      </>
    );
  }
  return (
    <>
      <SheetHeader>
        <SheetTitle>{copyOf ? "Duplicate link" : "New link"}</SheetTitle>
        <SheetDescription>One address that sends every visitor to the right place.</SheetDescription>
      </SheetHeader>
      {copyOf && round === 0 ? (
        source.data ? (
          <LinkForm
            workspaceId={workspaceId}
            initial={valuesForCopy(source.data)}
            rules={source.data.rules}
            submitLabel="Create link"
            onSaved={setCreated}
            secondaryAction={<CancelButton onClick={onClose} />}
            {...formLayout}
          />
        ) : (
          <FormPending query={source} />
        )
      ) : (
        <NewLinkForm
          key={round}
          workspaceId={workspaceId}
          onSaved={setCreated}
          secondaryAction={<CancelButton onClick={onClose} />}
          {...formLayout}
        />
      )}
    </>
  );
}

/** Changes to a link. Leaving with unsaved ones is asked about. */
export function EditLink({
  linkId,
  workspaceId,
  onClose,
}: {
  linkId: string;
  workspaceId: string;
  onClose: () => void;
}) {
  const query = useQuery({ ...linkQuery(workspaceId, linkId), refetchOnWindowFocus: false });
  const changed = useRef(false);
  const blocker = useBlocker({
    shouldBlockFn: () => changed.current,
    enableBeforeUnload: () => changed.current,
    withResolver: true,
  });
  const onValues = useCallback((_values: unknown, differs: boolean) => {
    changed.current = differs;
  }, []);

  return (
    <>
      <SheetHeader>
        <SheetTitle>Edit link</SheetTitle>
        <SheetDescription>
          {query.data ? displayAddress(query.data) : "Changes reach visitors within a second."}
        </SheetDescription>
      </SheetHeader>
      {query.data ? (
        <LinkForm
          workspaceId={workspaceId}
          link={query.data}
          initial={valuesOf(query.data)}
          submitLabel="Save changes"
          onSaved={(link) => {
            changed.current = false;
            toast.success(`Saved ${displayAddress(link)}`);
            onClose();
          }}
          onValues={onValues}
          secondaryAction={<CancelButton onClick={onClose} />}
          {...formLayout}
        />
      ) : (
        <FormPending query={query} />
      )}
      <AlertDialog open={blocker.status === "blocked"}>
        <AlertDialogContent>
          <div className="grid gap-2">
            <AlertDialogTitle>Discard your changes?</AlertDialogTitle>
            <AlertDialogDescription>What you changed in this link has not been saved.</AlertDialogDescription>
          </div>
          <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <Button variant="outline" onClick={() => blocker.reset?.()}>
              Keep editing
            </Button>
            <Button variant="destructive" onClick={() => blocker.proceed?.()}>
              Discard changes
            </Button>
          </div>
        </AlertDialogContent>
      </AlertDialog>
    </>
  );
}

function CancelButton({ onClick }: { onClick: () => void }) {
  return (
    <Button type="button" variant="ghost" onClick={onClick}>
      Cancel
    </Button>
  );
}

function FormPending({ query }: { query: { isError: boolean; error: unknown; refetch: () => unknown } }) {
  if (query.isError) {
    return (
      <SheetBody>
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      </SheetBody>
    );
  }
  return (
    <SheetBody className="grid content-start gap-6">
      <Skeleton className="h-11 w-full" />
      <Skeleton className="h-28 w-full rounded-xl" />
      <Skeleton className="h-9 w-full" />
      <Skeleton className="h-9 w-full" />
    </SheetBody>
  );
}
