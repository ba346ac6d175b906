import { useQuery } from "@tanstack/react-query";
import { Info, TriangleAlert } from "lucide-react";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { statusQuery } from "./queries";
import { noticesOf } from "./status";

/** What checks on this server cannot do, said before anybody wonders; nothing while all is there. */
export function StatusNotices({ workspaceId }: { workspaceId: string }) {
  const { data } = useQuery(statusQuery(workspaceId));
  if (!data) return null;
  return noticesOf(data).map(({ isGrave, text }) => (
    <Alert key={text}>
      {isGrave ? <TriangleAlert aria-hidden="true" /> : <Info aria-hidden="true" />}
      <AlertDescription>{text}</AlertDescription>
    </Alert>
  ));
}
