import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { Button, type ButtonProps } from "@/components/ui/button";

/** Copies `text` and says so for a moment. With `label`, it is named by it instead of showing "Copy". */
export function CopyButton({
  text,
  label,
  ...props
}: Omit<ButtonProps, "onClick" | "children"> & { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => () => clearTimeout(timer.current), []);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Clipboard access needs https or localhost; the text stays selectable.
      toast.error("The browser did not allow copying. Select the text and copy it by hand.");
      return;
    }
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), 2000);
  }

  const Icon = copied ? Check : Copy;
  return (
    <Button
      variant="outline"
      size={label ? "icon-sm" : "default"}
      aria-label={label}
      onClick={copy}
      {...props}
    >
      <Icon aria-hidden="true" />
      {!label && (copied ? "Copied" : "Copy")}
      <span role="status" className="sr-only">
        {copied ? "Copied" : ""}
      </span>
    </Button>
  );
}
