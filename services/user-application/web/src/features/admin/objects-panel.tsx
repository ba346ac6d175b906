import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Box } from "lucide-react";
import type { ObjectClass } from "@/api/gen";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardAction, CardHeader, CardTitle } from "@/components/ui/card";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { formatCount } from "@/features/analytics/format";
import { Choice } from "./choice";
import { Moment } from "./moment";
import { ObjectSheet } from "./object-sheet";
import { Figure, Figures, Nothing, Panel, ShowMore } from "./panel";
import { classesQuery, objectsQuery } from "./queries";
import type { AdminSearch, ChangeSearch } from "./search";

export function ObjectsPanel({
  search,
  onSearchChange,
}: {
  search: AdminSearch;
  onSearchChange: ChangeSearch;
}) {
  const classes = useQuery(classesQuery());
  const chosen = search.class;
  return (
    <Panel of={classes} loading="the classes of objects">
      {(all) =>
        all.length === 0 ? (
          <Nothing icon={<Box />} title="No classes of objects">
            This instance keeps no objects.
          </Nothing>
        ) : (
          <>
            <ul className="grid gap-3">
              {all.map((status) => (
                <li key={status.class}>
                  <ClassCard
                    status={status}
                    onShow={(parked) => onSearchChange({ class: status.class, parked })}
                  />
                </li>
              ))}
            </ul>
            <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
              <Choice
                label="Class"
                any="Choose one"
                value={chosen}
                options={all.map((status) => ({ value: status.class, label: status.class }))}
                onChange={(next) => onSearchChange({ class: next })}
              />
              <Label className="text-muted-foreground">
                <Switch
                  checked={search.parked ?? false}
                  onCheckedChange={(parked) => onSearchChange({ parked: parked || undefined })}
                />
                Only parked ones
              </Label>
            </div>
            {chosen && (
              <ObjectsList
                of={chosen}
                parked={search.parked ?? false}
                onOpen={(object) => onSearchChange({ object })}
              />
            )}
            <ObjectSheet
              of={chosen ?? ""}
              name={search.object ?? null}
              onClose={() => onSearchChange({ object: undefined })}
            />
          </>
        )
      }
    </Panel>
  );
}

function ClassCard({ status, onShow }: { status: ObjectClass; onShow: (parked: true | undefined) => void }) {
  return (
    <Card className="gap-4">
      <CardHeader>
        <CardTitle>{status.class}</CardTitle>
        <CardAction>
          <Button
            variant="outline"
            size="sm"
            aria-label={`Show the objects of ${status.class}`}
            onClick={() => onShow(undefined)}
          >
            Show
          </Button>
        </CardAction>
      </CardHeader>
      <Figures>
        <Figure name="Objects">{formatCount(status.objects)}</Figure>
        <Figure name="With an alarm">{formatCount(status.alarms)}</Figure>
        <Figure name="Next alarm">{status.nextAlarmAt ? <Moment iso={status.nextAlarmAt} /> : "–"}</Figure>
        <Figure name="Parked">
          {status.parked === 0 ? (
            "0"
          ) : (
            <button
              type="button"
              className="focus-ring rounded-sm text-destructive underline underline-offset-3"
              aria-label={`Show the parked objects of ${status.class}: ${status.parked}`}
              onClick={() => onShow(true)}
            >
              {formatCount(status.parked)}
            </button>
          )}
        </Figure>
      </Figures>
    </Card>
  );
}

function ObjectsList({
  of,
  parked,
  onOpen,
}: {
  of: string;
  parked: boolean;
  onOpen: (name: string) => void;
}) {
  const objects = useInfiniteQuery(objectsQuery(of, parked));
  return (
    <Panel of={{ ...objects, data: objects.data?.pages.flat() }} loading="the objects">
      {(all) =>
        all.length === 0 ? (
          <Nothing icon={<Box />} title={parked ? "None is parked" : "No objects yet"}>
            {parked ? `All objects of “${of}” take messages.` : `Nobody has written to an object of “${of}”.`}
          </Nothing>
        ) : (
          <>
            <Card className="gap-0 py-0">
              <ul className="divide-y">
                {all.map((object) => (
                  <li
                    key={object.name}
                    className="relative grid gap-1 px-5 py-3.5 transition-colors hover:bg-muted/60"
                  >
                    <div className="flex items-center gap-3">
                      <button
                        type="button"
                        className="focus-ring min-w-0 truncate rounded-sm text-left font-medium text-sm after:absolute after:inset-0"
                        onClick={() => onOpen(object.name)}
                      >
                        {object.name}
                      </button>
                      {object.parked && <Badge variant="warning">Parked</Badge>}
                    </div>
                    <p className="flex flex-wrap gap-x-3 text-muted-foreground text-xs">
                      <span>
                        Written to <Moment iso={object.updatedAt} />
                      </span>
                      {object.alarmAt && (
                        <span>
                          alarm <Moment iso={object.alarmAt} />
                        </span>
                      )}
                    </p>
                    {object.parked && <p className="line-clamp-1 text-warning text-xs">{object.parked}</p>}
                  </li>
                ))}
              </ul>
            </Card>
            <ShowMore of={objects} />
          </>
        )
      }
    </Panel>
  );
}
