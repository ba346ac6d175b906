import { SearchField } from "@/components/app/search-field";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import type { LinksFilter } from "./search";

/** Search and filter of the list. */
export function LinksToolbar({
  filter,
  onChange,
}: {
  filter: LinksFilter;
  onChange: (change: Partial<LinksFilter>) => void;
}) {
  return (
    <search className="flex flex-wrap items-center gap-x-5 gap-y-3">
      <SearchField
        label="Search links"
        placeholder="Slug, title or destination"
        value={filter.search}
        onChange={(search) => onChange({ search })}
      />
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
