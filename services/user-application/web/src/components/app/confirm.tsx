import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import {
  AlertDialog,
  AlertDialogClose,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogTitle,
} from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { useLastValue } from "@/hooks/use-last-value";

export interface Question {
  title: string;
  description: ReactNode;
  /** What the button that does it says. */
  action: string;
  isDestructive?: boolean;
  /** Does it; the question closes when this is over, however it ended. */
  act: () => Promise<unknown>;
}

/** Asks before something that cannot be taken back, or that stops others' work. */
export function Confirm({
  question,
  isBusy,
  onClose,
}: {
  question: Question | null;
  isBusy: boolean;
  onClose: () => void;
}) {
  const shown = useLastValue(question);
  return (
    <AlertDialog open={question !== null} onOpenChange={(open) => !open && onClose()}>
      <AlertDialogContent>
        <div className="grid gap-1.5">
          <AlertDialogTitle>{shown?.title}</AlertDialogTitle>
          <AlertDialogDescription>{shown?.description}</AlertDialogDescription>
        </div>
        <DialogFooter>
          <AlertDialogClose render={<Button variant="ghost" />}>Cancel</AlertDialogClose>
          <Button
            variant={shown?.isDestructive ? "destructive" : "default"}
            aria-disabled={isBusy || undefined}
            onClick={() => {
              // What went wrong has been said by the action itself.
              if (question && !isBusy) void question.act().then(onClose, onClose);
            }}
          >
            {isBusy && <LoaderCircle className="animate-spin" aria-hidden="true" />}
            {shown?.action}
          </Button>
        </DialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
