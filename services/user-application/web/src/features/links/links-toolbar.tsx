import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { useDebounced } from "@/hooks/use-debounced";
import type { LinksFilter } from "./search";

/**
 * Search and filter of the list.
 *
 * What is typed stays here and reaches the URL once typing pauses: the URL only changes after its data is there, which would
 * make letters appear late.
 */
export function LinksToolbar({
  filter,
  onChange,
}: {
  filter: LinksFilter;
  onChange: (change: Partial<LinksFilter>) => void;
}) {
  const [text, setText] = useState(filter.search);
  const settled = useDebounced(text, 250);
  const sent = useRef(filter.search);
  const change = useRef(onChange);
  change.current = onChange;

  useEffect(() => {
    if (settled.trim() === sent.current) return;
    sent.current = settled.trim();
    change.current({ search: sent.current });
  }, [settled]);

  // Back and forward, or a cleared filter, change the URL without typing.
  useEffect(() => {
    if (filter.search === sent.current) return;
    sent.current = filter.search;
    setText(filter.search);
  }, [filter.search]);

  return (
    <search className="flex flex-wrap items-center gap-x-5 gap-y-3">
      <div className="relative min-w-0 flex-1 basis-full sm:max-w-sm sm:basis-0">
        <Search
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <Input
          type="search"
          aria-label="Search links"
          placeholder="Slug, title or destination"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="px-9 [&::-webkit-search-cancel-button]:hidden"
        />
        {text !== "" && (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label="Clear"
            className="absolute top-0.5 right-0.5"
            onClick={() => setText("")}
          >
            <X aria-hidden="true" />
          </Button>
        )}
      </div>
      <Label className="text-muted-foreground">
        <Switch
          checked={filter.showArchived}
          onCheckedChange={(showArchived) => onChange({ showArchived })}
        />
        Show archived
      </Label>
    </search>
  );
}
