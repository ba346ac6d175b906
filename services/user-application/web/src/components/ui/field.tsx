import type * as React from "react";
import { cn } from "@/lib/utils";
import { Label } from "./label";

export function FieldGroup({ className, ...props }: React.ComponentProps<"div">) {
  return <div data-slot="field-group" className={cn("grid gap-5", className)} {...props} />;
}

export function Field({ className, ...props }: React.ComponentProps<"div">) {
  return <div data-slot="field" className={cn("grid min-w-0 gap-2", className)} {...props} />;
}

export function FieldLabel(props: React.ComponentProps<typeof Label>) {
  return <Label data-slot="field-label" {...props} />;
}

export function FieldDescription({ className, ...props }: React.ComponentProps<"p">) {
  return (
    <p
      data-slot="field-description"
      className={cn("text-muted-foreground text-[0.8125rem]", className)}
      {...props}
    />
  );
}

/** Always in the tree, so that screen readers hear the message when it appears. */
export function FieldError({ className, children, ...props }: React.ComponentProps<"div">) {
  return (
    <div
      data-slot="field-error"
      aria-live="polite"
      className={cn("text-[0.8125rem] text-destructive empty:-mt-2", className)}
      {...props}
    >
      {children}
    </div>
  );
}
