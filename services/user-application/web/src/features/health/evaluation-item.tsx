import { ChevronDown } from "lucide-react";
import { useId } from "react";
import type { Evaluation } from "@/api/gen";
import { displayUrl } from "@/features/links/link";
import { RelativeTime } from "@/features/links/relative-time";
import { cn } from "@/lib/utils";
import { EvaluationDetails } from "./evaluation-detail";
import { milliseconds, triggerNames } from "./format";
import { Screenshot } from "./screenshot";
import { VerdictBadge } from "./verdict-badge";

/** One check in the timeline: what it found, and on request everything that shows it. */
export function EvaluationItem({
  evaluation,
  workspaceId,
  named,
  isOpen,
  onToggle,
}: {
  evaluation: Evaluation;
  workspaceId: string;
  /** Whether to say which destination it was: a link can have several. */
  named: boolean;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const id = useId();
  return (
    <li className="overflow-hidden rounded-xl border bg-card shadow-xs">
      <h3>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={onToggle}
          className="focus-ring flex w-full items-start gap-4 rounded-xl p-3 text-left focus-visible:-outline-offset-2"
        >
          <Screenshot
            evaluation={evaluation}
            workspaceId={workspaceId}
            className="hidden w-28 shrink-0 sm:block"
          />
          <span className="grid min-w-0 flex-1 gap-1">
            <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
              <VerdictBadge verdict={evaluation.verdict} />
              <span className="font-medium">{evaluation.reasonText}</span>
            </span>
            {named && <span className="truncate text-sm">{displayUrl(evaluation.url)}</span>}
            <span className="text-muted-foreground text-xs">
              <RelativeTime iso={evaluation.finishedAt} /> · {triggerNames[evaluation.trigger]} ·{" "}
              {milliseconds(evaluation.durationMs)}
            </span>
            {evaluation.evidence[0] && (
              <span className="truncate text-muted-foreground text-xs">“{evaluation.evidence[0].text}”</span>
            )}
          </span>
          <ChevronDown
            className={cn("mt-1 size-4 shrink-0 text-muted-foreground", isOpen && "rotate-180")}
            aria-hidden="true"
          />
        </button>
      </h3>
      <div id={id} hidden={!isOpen}>
        {isOpen && <EvaluationDetails evaluation={evaluation} workspaceId={workspaceId} />}
      </div>
    </li>
  );
}
