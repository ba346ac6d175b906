import {
  Archive,
  ArchiveRestore,
  Copy,
  CopyPlus,
  Ellipsis,
  ExternalLink,
  Pencil,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { DeleteLinkDialog } from "./delete-link-dialog";
import { displayAddress, type ShortLink } from "./link";
import { useArchive } from "./use-link-actions";

/** Everything that can be done with a link, behind one button. */
export function LinkMenu({
  link,
  workspaceId,
  canWrite,
  onEdit,
  onDuplicate,
  onDeleted,
}: {
  link: ShortLink;
  workspaceId: string;
  canWrite: boolean;
  onEdit: () => void;
  onDuplicate: () => void;
  onDeleted?: () => void;
}) {
  const [deleting, setDeleting] = useState(false);
  const archive = useArchive(workspaceId);

  async function copy() {
    try {
      await navigator.clipboard.writeText(link.shortLink);
      toast.success("Copied", { description: link.shortLink });
    } catch {
      toast.error("The browser did not allow copying", { description: link.shortLink });
    }
  }

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger
          render={<Button variant="ghost" size="icon-sm" aria-label={`More for ${displayAddress(link)}`} />}
        >
          <Ellipsis aria-hidden="true" />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem render={<a href={link.shortLink} target="_blank" rel="noreferrer" />}>
            <ExternalLink aria-hidden="true" /> Open short link
          </DropdownMenuItem>
          <DropdownMenuItem onClick={() => void copy()}>
            <Copy aria-hidden="true" /> Copy short link
          </DropdownMenuItem>
          {canWrite && (
            <>
              <DropdownMenuSeparator />
              <DropdownMenuItem onClick={onEdit}>
                <Pencil aria-hidden="true" /> Edit
              </DropdownMenuItem>
              <DropdownMenuItem onClick={onDuplicate}>
                <CopyPlus aria-hidden="true" /> Duplicate
              </DropdownMenuItem>
              <DropdownMenuItem onClick={() => void archive(link, !link.archived)}>
                {link.archived ? <ArchiveRestore aria-hidden="true" /> : <Archive aria-hidden="true" />}
                {link.archived ? "Bring back" : "Archive"}
              </DropdownMenuItem>
              <DropdownMenuSeparator />
              <DropdownMenuItem variant="destructive" onClick={() => setDeleting(true)}>
                <Trash2 aria-hidden="true" /> Delete…
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <DeleteLinkDialog
        link={link}
        workspaceId={workspaceId}
        open={deleting}
        onOpenChange={setDeleting}
        onDeleted={onDeleted}
      />
    </>
  );
}
