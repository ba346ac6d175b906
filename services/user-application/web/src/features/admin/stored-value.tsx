import type { StoredValue } from "@/api/gen";
import { CopyButton } from "@/components/app/copy-button";
import { formatBytes } from "./format";

const formats = { json: "JSON", text: "Text", hex: "Bytes, in hexadecimal" } as const;

/** Something that is stored, as text. */
export function StoredValueView({ name, value }: { name: string; value: StoredValue }) {
  return (
    <section aria-label={name} className="grid gap-1.5">
      <div className="flex items-center justify-between gap-3">
        <h3 className="font-medium text-sm">{name}</h3>
        <p className="text-muted-foreground text-xs">
          {formats[value.format]}, {formatBytes(value.bytes)}
          {value.isTruncated && "; only the beginning is shown"}
        </p>
      </div>
      <div className="relative">
        <pre
          // What scrolls must be reached with the keyboard.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: for this reason
          tabIndex={0}
          className="focus-ring max-h-80 overflow-auto rounded-lg bg-muted p-3 pr-12 font-mono text-xs leading-relaxed"
        >
          {value.text}
        </pre>
        <div className="absolute top-1.5 right-1.5">
          <CopyButton text={value.text} label={`Copy ${name}`} />
        </div>
      </div>
    </section>
  );
}
