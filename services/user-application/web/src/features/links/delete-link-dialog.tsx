import { LoaderCircle } from "lucide-react";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";
import { Alert, AlertDescription } from "@/components/ui/alert";
import {
  AlertDialog,
  AlertDialogClose,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogTitle,
} from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { formatClicks } from "@/features/analytics/format";
import { workspaceScope } from "@/features/workspaces/workspace";
import { displayAddress, type ShortLink } from "./link";
import { useDeleteLink } from "./use-link-actions";

/** Asks before a link is deleted, and says what that means. */
export function DeleteLinkDialog({
  link,
  workspaceId,
  open,
  onOpenChange,
  onDeleted,
}: {
  link: ShortLink;
  workspaceId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDeleted?: () => void;
}) {
  const remove = useDeleteLink(workspaceId);

  function confirm() {
    if (remove.isPending) return;
    remove.mutate(
      { ...workspaceScope({ id: workspaceId }), path: { linkId: link.id } },
      {
        onSuccess: () => {
          onOpenChange(false);
          toast.success(`Deleted ${displayAddress(link)}`);
          onDeleted?.();
        },
      },
    );
  }

  return (
    <AlertDialog open={open} onOpenChange={onOpenChange}>
      <AlertDialogContent>
        <div className="grid gap-2">
          <AlertDialogTitle>Delete {displayAddress(link)}?</AlertDialogTitle>
          <AlertDialogDescription>
            Visitors of this address will see a page saying it does not exist, and the address cannot be given
            to another link. {link.clicks > 0 && `Its ${formatClicks(link.clicks)} will no longer be shown. `}
            To only tidy the list, archive it instead: an archived link keeps working.
          </AlertDialogDescription>
        </div>
        {remove.isError && (
          <Alert variant="destructive">
            <AlertDescription>{toApiError(remove.error).message}</AlertDescription>
          </Alert>
        )}
        <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
          <AlertDialogClose render={<Button variant="outline" />}>Keep it</AlertDialogClose>
          <Button variant="destructive" onClick={confirm} aria-disabled={remove.isPending || undefined}>
            {remove.isPending && <LoaderCircle className="animate-spin" aria-hidden="true" />}
            Delete link
          </Button>
        </div>
      </AlertDialogContent>
    </AlertDialog>
  );
}
