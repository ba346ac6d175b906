import { useId } from "react";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";

const everything = "";

/** One of some values, or none of them in particular. */
export function Choice<Value extends string>({
  label,
  any,
  value,
  options,
  onChange,
}: {
  label: string;
  /** What it says when nothing in particular is chosen. */
  any: string;
  value: Value | undefined;
  options: { value: Value; label: string }[];
  onChange: (value: Value | undefined) => void;
}) {
  const id = useId();
  const items = [{ value: everything, label: any }, ...options];
  return (
    <div className="flex items-center gap-2 text-sm">
      <span id={id} className="text-muted-foreground">
        {label}
      </span>
      <Select
        items={items}
        value={value ?? everything}
        onValueChange={(next) => onChange(options.find((option) => option.value === next)?.value)}
      >
        <SelectTrigger aria-labelledby={id} className="min-w-36">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {items.map((item) => (
            <SelectItem key={item.value} value={item.value}>
              {item.label}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </div>
  );
}
