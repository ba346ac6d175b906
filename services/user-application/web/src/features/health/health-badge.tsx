import { ShieldAlert, TriangleAlert } from "lucide-react";
import type { LinkHealth } from "@/api/gen";
import { Badge } from "@/components/ui/badge";
import { reasonText } from "./words";

/** What visitors should know about a link at a glance; nothing while all is well. */
export function HealthBadge({
  health,
  explained = false,
}: {
  health: LinkHealth | null;
  explained?: boolean;
}) {
  if (!health) return null;
  const reason = health.reason ? reasonText(health.reason) : null;
  const shown = health.servingBackup
    ? { name: "Serving backup", variant: "warning" as const, icon: <ShieldAlert aria-hidden="true" /> }
    : health.state === "broken"
      ? { name: "Broken", variant: "destructive" as const, icon: <TriangleAlert aria-hidden="true" /> }
      : null;
  if (!shown) return null;
  return (
    <>
      <Badge variant={shown.variant} title={reason ?? undefined}>
        {shown.icon} {shown.name}
        {reason && !explained && <span className="sr-only">: {reason}</span>}
      </Badge>
      {explained && reason && <span>{reason}</span>}
    </>
  );
}
