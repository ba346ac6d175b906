import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { toast } from "sonner";
import { toApiError } from "@/api/errors";
import type { ApiKey, Workspace } from "@/api/gen";
import { listApiKeysQueryKey, revokeApiKeyMutation } from "@/api/gen";
import {
  AlertDialog,
  AlertDialogClose,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogTitle,
} from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { workspaceScope } from "@/features/workspaces/workspace";
import { useLastValue } from "@/hooks/use-last-value";

export function RevokeKeyDialog({
  workspace,
  apiKey,
  onClose,
}: {
  workspace: Workspace;
  apiKey: ApiKey | null;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const scope = workspaceScope(workspace);
  const shown = useLastValue(apiKey);
  const revoke = useMutation({
    ...revokeApiKeyMutation(),
    onSuccess: () => {
      toast.success("Key revoked");
      onClose();
    },
    onError: (error) => {
      toast.error(toApiError(error).message);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: listApiKeysQueryKey(scope) }),
  });

  return (
    <AlertDialog open={apiKey !== null} onOpenChange={(open) => !open && onClose()}>
      <AlertDialogContent>
        <div className="grid gap-1.5">
          <AlertDialogTitle>Revoke “{shown?.name}”?</AlertDialogTitle>
          <AlertDialogDescription>
            Programs that use <code className="font-mono text-xs">{shown?.prefix}…</code> are refused from the
            next request on. This cannot be undone.
          </AlertDialogDescription>
        </div>
        <DialogFooter>
          <AlertDialogClose render={<Button variant="ghost" />}>Keep it</AlertDialogClose>
          <Button
            variant="destructive"
            aria-disabled={revoke.isPending || undefined}
            onClick={() => {
              if (apiKey && !revoke.isPending) revoke.mutate({ ...scope, path: { id: apiKey.id } });
            }}
          >
            {revoke.isPending && <LoaderCircle className="animate-spin" aria-hidden="true" />}
            Revoke the key
          </Button>
        </DialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
