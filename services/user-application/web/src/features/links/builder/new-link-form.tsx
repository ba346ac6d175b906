import { History } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "../relative-time";
import { discardDraft, loadDraft, saveDraft } from "./draft";
import { LinkForm, type LinkFormProps } from "./link-form";
import { emptyValues, isBlank, type LinkValues } from "./values";

/** How long typing has to pause before the draft is written. */
const pause = 400;

/** The form of a new link, which remembers on this device what was typed until the link is created. */
export function NewLinkForm({
  workspaceId,
  onSaved,
  ...form
}: Omit<LinkFormProps, "link" | "initial" | "onValues" | "submitLabel">) {
  const [draft, setDraft] = useState(() => loadDraft(workspaceId, Date.now()));
  const [round, setRound] = useState(0);
  const latest = useRef<LinkValues | null>(null);
  const saved = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const onValues = useCallback(
    (values: LinkValues) => {
      if (saved.current) return;
      latest.current = values;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => saveDraft(workspaceId, values, Date.now()), pause);
    },
    [workspaceId],
  );

  // Leaving the form keeps the last keystrokes too, and says so.
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      const values = latest.current;
      if (values === null || isBlank(values)) return;
      saveDraft(workspaceId, values, Date.now());
      toast("Draft kept", {
        id: "link-draft",
        description: "It is here when you open the form again.",
        action: { label: "Discard", onClick: () => discardDraft(workspaceId) },
      });
    },
    [workspaceId],
  );

  function forget() {
    clearTimeout(timer.current);
    latest.current = null;
    discardDraft(workspaceId);
  }

  return (
    <>
      {draft && (
        <div
          role="status"
          className="flex items-center gap-2.5 border-b bg-accent px-6 py-2 text-accent-foreground text-sm"
        >
          <History className="size-4 shrink-0" aria-hidden="true" />
          <p className="min-w-0 flex-1">
            Your draft from <RelativeTime iso={new Date(draft.savedAt).toISOString()} />
          </p>
          <Button
            variant="ghost"
            size="sm"
            onClick={() => {
              forget();
              setDraft(null);
              setRound(round + 1);
            }}
          >
            Discard
          </Button>
        </div>
      )}
      <LinkForm
        key={round}
        workspaceId={workspaceId}
        initial={draft?.values ?? emptyValues()}
        submitLabel="Create link"
        onValues={onValues}
        onSaved={(link) => {
          saved.current = true;
          forget();
          onSaved(link);
        }}
        {...form}
      />
    </>
  );
}
