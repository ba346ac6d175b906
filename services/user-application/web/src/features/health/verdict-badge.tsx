import { CircleCheck, CircleHelp, CircleSlash, TriangleAlert } from "lucide-react";
import type { Evaluation } from "@/api/gen";
import { Badge } from "@/components/ui/badge";
import { verdictNames } from "./format";

const looks = {
  AVAILABLE: { variant: "success", Icon: CircleCheck },
  NOT_AVAILABLE: { variant: "warning", Icon: CircleSlash },
  UNKNOWN: { variant: "outline", Icon: CircleHelp },
  BROKEN: { variant: "destructive", Icon: TriangleAlert },
} as const;

export function VerdictBadge({ verdict }: { verdict: Evaluation["verdict"] }) {
  const { variant, Icon } = looks[verdict];
  return (
    <Badge variant={variant}>
      <Icon aria-hidden="true" /> {verdictNames[verdict]}
    </Badge>
  );
}
