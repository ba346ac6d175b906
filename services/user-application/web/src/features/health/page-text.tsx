import { useQuery } from "@tanstack/react-query";
import type { Evidence, PageText as Text } from "@/api/gen";
import { ErrorState } from "@/components/app/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { diffLines, shorten } from "./diff";
import { highlight } from "./highlight";
import { evaluationTextQuery } from "./queries";

const boxClassName = "focus-ring max-h-96 overflow-y-auto rounded-md border bg-card p-3 text-sm";

/** What a visitor could read, in the order of the page, with the words that decided marked. */
export function PageText({
  workspaceId,
  evaluationId,
  evidence,
}: {
  workspaceId: string;
  evaluationId: string;
  evidence: readonly Evidence[];
}) {
  const query = useQuery(evaluationTextQuery(workspaceId, evaluationId));
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-40 w-full rounded-md" />;
  const { blocks, title, truncated } = query.data;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section aria-label="The text of the page" tabIndex={0} className={boxClassName}>
      <p className="mb-2 font-medium">
        <Marked text={title} evidence={quotesOf(evidence, 0)} />
      </p>
      {blocks.map((block) => (
        <p key={block.id} className={block.zone === "main" ? undefined : "text-muted-foreground"}>
          {block.kind === "button" || block.kind === "link" ? (
            <span className="sr-only">{block.disabled ? "Disabled control: " : "Control: "}</span>
          ) : null}
          <Marked text={block.text} evidence={quotesOf(evidence, block.id)} whole={block.isEvidence} />
          {block.disabled && <span className="text-muted-foreground text-xs"> (cannot be used)</span>}
        </p>
      ))}
      {blocks.length === 0 && <p className="text-muted-foreground">There was nothing to read.</p>}
      {truncated && <p className="mt-2 text-muted-foreground text-xs">The rest of the page was left out.</p>}
    </section>
  );
}

const quotesOf = (evidence: readonly Evidence[], block: number) =>
  evidence.filter((quoted) => quoted.block === block).map(({ text }) => text);

/** A piece of text with the evidence in it marked; all of it where it is evidence without saying which words. */
function Marked({ text, evidence, whole = false }: { text: string; evidence: string[]; whole?: boolean }) {
  const pieces = highlight(text, evidence);
  if (whole && pieces.every((piece) => piece.evidence === null)) return <Mark>{text}</Mark>;
  return pieces.map((piece, index) =>
    piece.evidence === null ? (
      piece.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text that never changes
      <Mark key={index}>{piece.text}</Mark>
    ),
  );
}

function Mark({ children }: { children: string }) {
  return <mark className="rounded-sm bg-signal px-0.5 font-medium text-signal-foreground">{children}</mark>;
}

const linesOf = (text: Text) => [text.title, ...text.blocks.map((block) => block.text)].join("\n");

/** What changed on the page since it was last found well. */
export function Difference({
  workspaceId,
  evaluationId,
  lastGoodId,
}: {
  workspaceId: string;
  evaluationId: string;
  lastGoodId: string;
}) {
  const now = useQuery(evaluationTextQuery(workspaceId, evaluationId));
  const before = useQuery(evaluationTextQuery(workspaceId, lastGoodId));
  const failed = now.isError ? now : before.isError ? before : null;
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!now.data || !before.data) return <Skeleton className="h-40 w-full rounded-md" />;
  const parts = shorten(diffLines(linesOf(before.data), linesOf(now.data)));
  if (parts.every((part) => part.kind === "skipped"))
    return <p className="text-muted-foreground text-sm">The text is the same as then.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section aria-label="What changed" tabIndex={0} className={boxClassName}>
      {parts.map((part, index) => {
        // biome-ignore-start lint/suspicious/noArrayIndexKey: a comparison of texts that never change
        if (part.kind === "skipped")
          return (
            <p key={index} className="text-muted-foreground text-xs">
              {part.count === 1 ? "1 line is the same" : `${part.count} lines are the same`}
            </p>
          );
        if (part.kind === "same") return <p key={index}>{part.text}</p>;
        const Tag = part.kind === "added" ? "ins" : "del";
        return (
          <p key={index}>
            <Tag
              className={
                part.kind === "added" ? "text-success no-underline" : "text-destructive line-through"
              }
            >
              <span aria-hidden="true">{part.kind === "added" ? "+ " : "− "}</span>
              <span className="sr-only">{part.kind === "added" ? "New: " : "Gone: "}</span>
              {part.text}
            </Tag>
          </p>
        );
        // biome-ignore-end lint/suspicious/noArrayIndexKey: a comparison of texts that never change
      })}
    </section>
  );
}
