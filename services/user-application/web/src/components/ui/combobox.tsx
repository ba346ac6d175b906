import { Combobox as ComboboxPrimitive } from "@base-ui/react/combobox";
import { Check, ChevronsUpDown } from "lucide-react";
import { cn } from "@/lib/utils";
import { inputClassName } from "./input";

export const Combobox = ComboboxPrimitive.Root;

/** The text field of a combobox, with the arrow that opens the list. */
export function ComboboxInput({ className, ...props }: ComboboxPrimitive.Input.Props) {
  return (
    <ComboboxPrimitive.InputGroup data-slot="combobox-input-group" className="relative min-w-0">
      <ComboboxPrimitive.Input
        data-slot="combobox-input"
        className={cn(inputClassName, "pr-8", className)}
        {...props}
      />
      <ComboboxPrimitive.Trigger
        aria-label="Open the list"
        tabIndex={-1}
        className="absolute inset-y-0 right-0 grid w-8 place-items-center text-muted-foreground"
      >
        <ChevronsUpDown className="size-4" aria-hidden="true" />
      </ComboboxPrimitive.Trigger>
    </ComboboxPrimitive.InputGroup>
  );
}

export function ComboboxContent({ className, children, ...props }: ComboboxPrimitive.Popup.Props) {
  return (
    <ComboboxPrimitive.Portal>
      <ComboboxPrimitive.Positioner sideOffset={6} align="start" className="z-50 outline-none">
        <ComboboxPrimitive.Popup
          data-slot="combobox-content"
          className={cn(
            "max-h-[min(18rem,var(--available-height))] w-(--anchor-width) min-w-60 max-w-(--available-width) origin-(--transform-origin) overflow-y-auto rounded-lg border bg-popover p-1 text-popover-foreground shadow-lg outline-none transition-[opacity,scale] duration-120 data-ending-style:scale-97 data-starting-style:scale-97 data-ending-style:opacity-0 data-starting-style:opacity-0",
            className,
          )}
          {...props}
        >
          {children}
        </ComboboxPrimitive.Popup>
      </ComboboxPrimitive.Positioner>
    </ComboboxPrimitive.Portal>
  );
}

export function ComboboxEmpty({ className, ...props }: ComboboxPrimitive.Empty.Props) {
  return (
    <ComboboxPrimitive.Empty
      data-slot="combobox-empty"
      className={cn("px-2.5 py-2 text-muted-foreground text-sm empty:hidden", className)}
      {...props}
    />
  );
}

export const ComboboxList = ComboboxPrimitive.List;

export function ComboboxItem({ className, children, ...props }: ComboboxPrimitive.Item.Props) {
  return (
    <ComboboxPrimitive.Item
      data-slot="combobox-item"
      className={cn(
        "relative flex min-h-8 cursor-default select-none items-center gap-2.5 rounded-md py-1.5 pr-8 pl-2.5 text-sm outline-none data-disabled:pointer-events-none data-highlighted:bg-accent data-highlighted:text-accent-foreground data-disabled:opacity-55",
        className,
      )}
      {...props}
    >
      {children}
      <ComboboxPrimitive.ItemIndicator className="absolute right-2.5">
        <Check className="size-4" />
      </ComboboxPrimitive.ItemIndicator>
    </ComboboxPrimitive.Item>
  );
}
