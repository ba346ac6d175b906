import { useQuery } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import type { DeadLetterDetail } from "@/api/gen";
import { deleteDeadLetter, replayDeadLetter } from "@/api/gen";
import { Confirm, type Question } from "@/components/app/confirm";
import { Button } from "@/components/ui/button";
import { useLastValue } from "@/hooks/use-last-value";
import { formatMoment } from "@/lib/dates";
import { DetailSheet } from "./detail-sheet";
import { formatNumber } from "./format";
import { Fact, Facts, Panel } from "./panel";
import { deadLetterQuery } from "./queries";
import { StoredValueView } from "./stored-value";
import { useAction } from "./use-action";

export function DeadLetterSheet({ id, onClose }: { id: string | null; onClose: () => void }) {
  const shown = useLastValue(id) ?? "";
  const letter = useQuery({ ...deadLetterQuery(shown), enabled: id !== null });
  const [question, setQuestion] = useState<Question | null>(null);
  const path = { id: shown };
  const replay = useAction(
    () => replayDeadLetter({ path, throwOnError: true }),
    ({ queue }) => (queue === "clicks" ? "The click is counted" : `The job is in “${queue}” again`),
  );
  const remove = useAction(
    () => deleteDeadLetter({ path, throwOnError: true }),
    () => "Deleted",
  );
  const isBusy = replay.isPending || remove.isPending;

  return (
    <DetailSheet
      isOpen={id !== null}
      onClose={onClose}
      title="Dead letter"
      description={shown}
      footer={
        letter.data && (
          <>
            <Button
              variant="outline"
              onClick={() =>
                setQuestion({
                  title: "Delete this dead letter?",
                  description: "It is gone for good: the job is never done, the click never counted.",
                  action: "Delete it",
                  isDestructive: true,
                  act: () => remove.mutateAsync().then(onClose),
                })
              }
            >
              <Trash2 aria-hidden="true" /> Delete
            </Button>
            <Button
              aria-disabled={isBusy || undefined}
              onClick={() => {
                if (!isBusy) replay.mutate(undefined, { onSuccess: onClose });
              }}
            >
              <RotateCcw aria-hidden="true" /> Replay
            </Button>
          </>
        )
      }
    >
      <Panel of={letter} loading="the dead letter">
        {(data) => <DeadLetterBody letter={data} />}
      </Panel>
      <Confirm question={question} isBusy={isBusy} onClose={() => setQuestion(null)} />
    </DetailSheet>
  );
}

function DeadLetterBody({ letter }: { letter: DeadLetterDetail }) {
  const [problem = "", ...causes] = letter.error.split(": ");
  return (
    <>
      <section aria-label="Error" className="grid gap-1.5">
        <h3 className="font-medium text-sm">What went wrong</h3>
        <div className="rounded-lg border border-destructive/30 bg-destructive/5 p-3 text-sm">
          <p className="break-words font-medium">{problem}</p>
          {causes.length > 0 && (
            <ol aria-label="Causes" className="mt-2 grid gap-1 border-destructive/40 border-l-2 pl-3">
              {causes.map((cause, depth) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a chain has no other identity than its order
                <li key={depth} className="break-words text-muted-foreground">
                  {cause}
                </li>
              ))}
            </ol>
          )}
        </div>
      </section>
      <Facts>
        <Fact name="Queue">{letter.queue}</Fact>
        <Fact name="Set aside">{formatMoment(letter.failedAt)}</Fact>
        {letter.createdAt && <Fact name="Put down">{formatMoment(letter.createdAt)}</Fact>}
        {letter.attempts !== null && <Fact name="Tried">{formatNumber(letter.attempts, "time")}</Fact>}
        {letter.payloadVersion !== null && <Fact name="Payload version">{letter.payloadVersion}</Fact>}
      </Facts>
      <StoredValueView name="Payload" value={letter.payload} />
    </>
  );
}
