import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useDebounced } from "@/hooks/use-debounced";

/**
 * Searches a list.
 *
 * What is typed stays here and reaches the URL once typing pauses: the URL only changes after its data is there, which would
 * make letters appear late.
 */
export function SearchField({
  value,
  onChange,
  label,
  placeholder,
}: {
  value: string;
  onChange: (text: string) => void;
  label: string;
  placeholder: string;
}) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text, 250);
  const sent = useRef(value);
  const change = useRef(onChange);
  change.current = onChange;

  useEffect(() => {
    if (settled.trim() === sent.current) return;
    sent.current = settled.trim();
    change.current(sent.current);
  }, [settled]);

  // Back and forward, or a cleared filter, change the URL without typing.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);

  return (
    <div className="relative min-w-0 flex-1 basis-full sm:max-w-sm sm:basis-0">
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder={placeholder}
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
  );
}
