import { Link } from "@tanstack/react-router";
import {
  ArrowUpRight,
  Coins,
  EllipsisVertical,
  Pin as PinIcon,
  RefreshCw,
  RotateCcw,
  ShieldAlert,
} from "lucide-react";
import { useState } from "react";
import type { Destination } from "@/api/gen";
import { Confirm, type Question } from "@/components/app/confirm";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { limitsOf, verdictNames } from "@/features/health/format";
import { Screenshot } from "@/features/health/screenshot";
import { stateNames } from "@/features/health/words";
import { displayUrl } from "@/features/links/link";
import { RelativeTime } from "@/features/links/relative-time";
import { atRisk } from "./at-risk";
import { type Decision, useDecision } from "./use-decision";

const stateLooks = { unknown: "outline", ok: "success", suspect: "warning", broken: "destructive" } as const;

/** A destination: how it is and why, whom it concerns, and what can be done about it. */
export function DestinationCard({
  destination,
  workspaceId,
  workspaceSlug,
  canWrite,
}: {
  destination: Destination;
  workspaceId: string;
  workspaceSlug: string;
  canWrite: boolean;
}) {
  const { lastEvaluation, url } = destination;
  const worth = destination.state === "broken" || destination.down ? atRisk(destination.valueAtRisk) : null;
  return (
    <li className="grid gap-4 rounded-xl border bg-card p-4 shadow-xs sm:grid-cols-[12rem_minmax(0,1fr)]">
      {lastEvaluation ? (
        <Screenshot evaluation={lastEvaluation} workspaceId={workspaceId} marked />
      ) : (
        <p className="grid aspect-[64/45] place-items-center rounded-md border text-muted-foreground text-xs">
          Not checked yet
        </p>
      )}
      <div className="grid min-w-0 content-start gap-3">
        <div className="grid gap-1.5">
          <h2 className="min-w-0 font-sans text-base">
            <a
              href={url}
              target="_blank"
              rel="noreferrer"
              title={url}
              className="focus-ring inline-flex max-w-full items-center gap-1 rounded-sm font-medium underline-offset-4 hover:underline"
            >
              <span className="truncate">{displayUrl(url)}</span>
              <ArrowUpRight className="size-3.5 shrink-0 text-muted-foreground" aria-hidden="true" />
            </a>
          </h2>
          <p className="flex flex-wrap items-center gap-2 text-muted-foreground text-sm">
            <Badge variant={stateLooks[destination.state]}>{stateNames[destination.state]}</Badge>
            {destination.servingBackup && (
              <Badge variant="warning">
                <ShieldAlert aria-hidden="true" /> Serving backup
              </Badge>
            )}
            {destination.held && <Badge variant="outline">Failover held back</Badge>}
            {destination.pin && (
              <Badge variant="secondary">
                <PinIcon aria-hidden="true" /> Pinned to{" "}
                {destination.pin === "primary" ? "this page" : "the backup"}
              </Badge>
            )}
            <span>
              since <RelativeTime iso={destination.since} />
            </span>
          </p>
        </div>
        {lastEvaluation && (
          <div className="grid gap-1.5 text-sm">
            <p>
              <span className="font-medium">{destination.reasonText ?? lastEvaluation.reasonText}</span>{" "}
              <span className="text-muted-foreground">
                Last check: {verdictNames[lastEvaluation.verdict].toLowerCase()},{" "}
                <RelativeTime iso={lastEvaluation.finishedAt} />.
              </span>
            </p>
            {lastEvaluation.evidence.slice(0, 3).map(({ text }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: evidence has no id, and never changes
              <p key={index} className="border-signal border-l-2 pl-3">
                “{text}”
              </p>
            ))}
            {limitsOf(lastEvaluation).map((limit) => (
              <p key={limit} className="text-muted-foreground text-xs">
                {limit}
              </p>
            ))}
          </div>
        )}
        {worth && (
          <p className="flex items-center gap-2 text-sm">
            <Coins className="size-4 shrink-0 text-warning" aria-hidden="true" />
            <span>
              <span className="font-semibold">{worth}</span>{" "}
              {destination.servingBackup ? "would be lost without the backup" : "at risk"}
            </span>
          </p>
        )}
        <Concerned destination={destination} workspaceSlug={workspaceSlug} />
        {canWrite && <Actions destination={destination} workspaceId={workspaceId} />}
      </div>
    </li>
  );
}

/** The links that lead here, the first few by name. */
function Concerned({ destination, workspaceSlug }: { destination: Destination; workspaceSlug: string }) {
  const { links, linkCount, backupLinkCount } = destination;
  const rest = linkCount + backupLinkCount - links.length;
  if (links.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-1 text-sm">
      <span className="text-muted-foreground">
        {linkCount === 0 ? "Only a backup of" : linkCount === 1 ? "One link:" : `${linkCount} links:`}
      </span>
      {links.map((link) => (
        <Link
          key={link.id}
          to="/app/$workspace/links/$linkId"
          params={{ workspace: workspaceSlug, linkId: link.id }}
          search={{ view: "health" }}
          className="focus-ring rounded-sm font-medium underline underline-offset-4"
        >
          {displayUrl(link.shortLink)}
        </Link>
      ))}
      {rest > 0 && <span className="text-muted-foreground">and {rest} more</span>}
    </p>
  );
}

function Actions({ destination, workspaceId }: { destination: Destination; workspaceId: string }) {
  const decision = useDecision(workspaceId, destination.id);
  const [question, setQuestion] = useState<Question | null>(null);
  const { lastEvaluation, pin, state } = destination;
  const name = displayUrl(destination.url);
  const decide = (what: Decision) => {
    if (!decision.isPending) decision.mutate(what);
  };
  const found = lastEvaluation?.verdict === "AVAILABLE" ? "not available" : "available";
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        variant="outline"
        size="sm"
        aria-label={`Check now: ${name}`}
        aria-disabled={decision.isPending || undefined}
        onClick={() => decide({ kind: "check" })}
      >
        <RefreshCw aria-hidden="true" /> Check now
      </Button>
      {(state === "broken" || state === "suspect") && (
        <Button
          variant="outline"
          size="sm"
          aria-label={`Restore ${name}`}
          aria-disabled={decision.isPending || undefined}
          onClick={() => decide({ kind: "restore" })}
        >
          <RotateCcw aria-hidden="true" /> Restore
        </Button>
      )}
      {lastEvaluation && lastEvaluation.decidedBy !== "override" && lastEvaluation.verdict !== "UNKNOWN" && (
        <Button
          variant="outline"
          size="sm"
          aria-label={`Mark wrong: the last check of ${name}`}
          onClick={() =>
            setQuestion({
              title: "Is this check wrong?",
              description: `The page will count as ${found} until a check finds something else, and visitors are led accordingly.`,
              action: `It is ${found}`,
              act: () => decision.mutateAsync({ kind: "wrong", evaluationId: lastEvaluation.id }),
            })
          }
        >
          Mark wrong
        </Button>
      )}
      <DropdownMenu>
        <DropdownMenuTrigger render={<Button variant="ghost" size="icon-sm" aria-label={`Pin ${name}`} />}>
          <EllipsisVertical aria-hidden="true" />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {pin !== "primary" && (
            <DropdownMenuItem onClick={() => decide({ kind: "pin", pin: "primary" })}>
              Always send visitors here
            </DropdownMenuItem>
          )}
          {pin !== "backup" && (
            <DropdownMenuItem onClick={() => decide({ kind: "pin", pin: "backup" })}>
              Always send visitors to a backup
            </DropdownMenuItem>
          )}
          {pin && (
            <DropdownMenuItem onClick={() => decide({ kind: "pin", pin: null })}>
              Let the checks decide
            </DropdownMenuItem>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <Confirm question={question} isBusy={decision.isPending} onClose={() => setQuestion(null)} />
    </div>
  );
}
