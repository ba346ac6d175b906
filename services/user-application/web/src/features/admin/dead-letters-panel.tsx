import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { MailCheck, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import type { DeadLetter } from "@/api/gen";
import { deleteDeadLetters, replayDeadLetters } from "@/api/gen";
import { Confirm, type Question } from "@/components/app/confirm";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Choice } from "./choice";
import { DeadLetterSheet } from "./dead-letter-sheet";
import { formatNumber } from "./format";
import { Moment } from "./moment";
import { Nothing, Panel, ShowMore } from "./panel";
import { deadLettersQuery, queuesQuery } from "./queries";
import type { AdminSearch, ChangeSearch } from "./search";
import { useAction } from "./use-action";

export function DeadLettersPanel({
  search,
  onSearchChange,
}: {
  search: AdminSearch;
  onSearchChange: ChangeSearch;
}) {
  const { queue } = search;
  const letters = useInfiniteQuery(deadLettersQuery(queue));
  const queues = useQuery(queuesQuery());
  const [question, setQuestion] = useState<Question | null>(null);
  const replayAll = useAction(
    (name: string) => replayDeadLetters({ path: { name }, throwOnError: true }),
    ({ replayed, refused }) =>
      refused > 0
        ? `Replayed ${formatNumber(replayed, "dead letter")}; ${formatNumber(refused, "click")} still cannot be counted`
        : `Replayed ${formatNumber(replayed, "dead letter")}`,
  );
  const deleteAll = useAction(
    (name: string) => deleteDeadLetters({ path: { name }, throwOnError: true }),
    ({ deleted }) => `Deleted ${formatNumber(deleted, "dead letter")}`,
  );
  const names = queues.data?.map(({ name }) => name) ?? (queue ? [queue] : []);
  const all = letters.data?.pages.flat();

  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Choice
          label="Queue"
          any="All queues"
          value={queue}
          options={names.map((name) => ({ value: name, label: name }))}
          onChange={(name) => onSearchChange({ queue: name })}
        />
        {queue && all && all.length > 0 && (
          <div className="flex flex-wrap gap-2 sm:ml-auto">
            <Button
              variant="outline"
              onClick={() =>
                setQuestion({
                  title: `Replay all dead letters of “${queue}”?`,
                  description:
                    "Each goes back into its queue as if it had never been tried. What still cannot be done comes back here.",
                  action: "Replay all",
                  act: () => replayAll.mutateAsync(queue),
                })
              }
            >
              <RotateCcw aria-hidden="true" /> Replay all
            </Button>
            <Button
              variant="outline"
              onClick={() =>
                setQuestion({
                  title: `Delete all dead letters of “${queue}”?`,
                  description:
                    "They are gone for good: the jobs are never done, the clicks never counted. This cannot be undone.",
                  action: "Delete all",
                  isDestructive: true,
                  act: () => deleteAll.mutateAsync(queue),
                })
              }
            >
              <Trash2 aria-hidden="true" /> Delete all
            </Button>
          </div>
        )}
      </div>
      <Panel of={{ ...letters, data: all }} loading="the dead letters">
        {(shown) =>
          shown.length === 0 ? (
            <Nothing icon={<MailCheck />} title="No dead letters">
              {queue ? `Nothing of “${queue}” was set aside.` : "Nothing had to be set aside."}
            </Nothing>
          ) : (
            <>
              <Card className="gap-0 py-0">
                <ul className="divide-y">
                  {shown.map((letter) => (
                    <LetterRow
                      key={letter.id}
                      letter={letter}
                      onOpen={() => onSearchChange({ letter: letter.id })}
                    />
                  ))}
                </ul>
              </Card>
              <ShowMore of={letters} />
            </>
          )
        }
      </Panel>
      <Confirm
        question={question}
        isBusy={replayAll.isPending || deleteAll.isPending}
        onClose={() => setQuestion(null)}
      />
      <DeadLetterSheet id={search.letter ?? null} onClose={() => onSearchChange({ letter: undefined })} />
    </>
  );
}

function LetterRow({ letter, onOpen }: { letter: DeadLetter; onOpen: () => void }) {
  return (
    <li className="relative grid gap-1.5 px-5 py-3.5 transition-colors hover:bg-muted/60">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted-foreground text-xs">
        <Badge>{letter.queue}</Badge>
        <span>
          Set aside <Moment iso={letter.failedAt} />
        </span>
        {letter.attempts !== null && <span>{formatNumber(letter.attempts, "attempt")}</span>}
      </div>
      <button
        type="button"
        className="focus-ring line-clamp-2 break-words rounded-sm text-left font-medium text-sm after:absolute after:inset-0"
        onClick={onOpen}
      >
        {letter.error}
      </button>
    </li>
  );
}
