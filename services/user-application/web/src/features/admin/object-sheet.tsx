import { useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { resumeObject } from "@/api/gen";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/features/analytics/format";
import { useLastValue } from "@/hooks/use-last-value";
import { formatMoment } from "@/lib/dates";
import { DetailSheet } from "./detail-sheet";
import { formatNumber } from "./format";
import { Moment } from "./moment";
import { Fact, Facts, Panel } from "./panel";
import { objectQuery } from "./queries";
import { StoredValueView } from "./stored-value";
import { useAction } from "./use-action";

export function ObjectSheet({ of, name, onClose }: { of: string; name: string | null; onClose: () => void }) {
  const shown = useLastValue(name) ?? "";
  const object = useQuery({ ...objectQuery(of, shown), enabled: name !== null && of !== "" });
  const resume = useAction(
    () => resumeObject({ path: { class: of, name: shown }, throwOnError: true }),
    (answer) =>
      answer.parked ? "It is still parked: do first what it says" : "The object takes messages again",
  );
  return (
    <DetailSheet
      isOpen={name !== null}
      onClose={onClose}
      title={shown}
      description={`An object of “${of}”`}
      footer={
        object.data?.parked && (
          <Button
            aria-disabled={resume.isPending || undefined}
            onClick={() => {
              if (!resume.isPending) resume.mutate();
            }}
          >
            <Play aria-hidden="true" /> Resume
          </Button>
        )
      }
    >
      <Panel of={object} loading="the object">
        {(data) => (
          <>
            {data.parked && (
              <Alert variant="warning">
                <AlertTitle>It takes no messages</AlertTitle>
                <AlertDescription className="break-words">{data.parked}</AlertDescription>
              </Alert>
            )}
            <Facts>
              <Fact name="Written to">{formatMoment(data.updatedAt)}</Fact>
              <Fact name="Messages and alarms handled">{formatCount(data.version)}</Fact>
              <Fact name="Alarm">{data.alarmAt ? <Moment iso={data.alarmAt} /> : "None set"}</Fact>
              {data.alarmAttempts > 0 && (
                <Fact name="Alarm failed">{formatNumber(data.alarmAttempts, "time")} in a row</Fact>
              )}
            </Facts>
            <StoredValueView name={`State, version ${data.stateVersion}`} value={data.state} />
          </>
        )}
      </Panel>
    </DetailSheet>
  );
}
