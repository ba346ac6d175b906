import { ImageOff } from "lucide-react";
import { useState } from "react";
import type { Evaluation } from "@/api/gen";
import { cn } from "@/lib/utils";
import { artifactUrl } from "./queries";

/** What a screenshot shows of the page, in its pixels. */
const [width, height] = [1_280, 900];

/** The page as the check saw it. `marked`, what decided is framed, as far as it is in the picture. */
export function Screenshot({
  evaluation,
  workspaceId,
  marked = false,
  className,
}: {
  evaluation: Pick<Evaluation, "artifacts" | "evidence" | "url" | "browserVersion">;
  workspaceId: string;
  marked?: boolean;
  className?: string;
}) {
  const [failed, setFailed] = useState(false);
  const kept = evaluation.artifacts.find(({ kind }) => kind === "screenshot");
  const frame = cn("relative block aspect-[64/45] overflow-hidden rounded-md border bg-muted", className);
  if (!kept || failed) {
    return (
      <span className={cn(frame, "grid place-items-center text-center text-muted-foreground text-xs")}>
        <span className="grid justify-items-center gap-1 p-2">
          <ImageOff className="size-4" aria-hidden="true" />
          <span className={marked ? undefined : "sr-only"}>
            {kept || evaluation.browserVersion
              ? "The screenshot is no longer kept."
              : "No browser, no screenshot."}
          </span>
        </span>
      </span>
    );
  }
  return (
    <span className={frame}>
      <img
        src={artifactUrl(kept.path, workspaceId)}
        alt={marked ? `The page as the check saw it: ${evaluation.url}` : ""}
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        className="size-full object-cover object-top"
        onError={() => setFailed(true)}
      />
      {marked &&
        evaluation.evidence.flatMap(({ rect }, index) =>
          rect && rect.y < height
            ? [
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: evidence has no id, and never changes
                  key={index}
                  aria-hidden="true"
                  className="absolute rounded-sm border-2 border-destructive"
                  style={{
                    left: `${(rect.x / width) * 100}%`,
                    top: `${(rect.y / height) * 100}%`,
                    width: `${(rect.width / width) * 100}%`,
                    height: `${(rect.height / height) * 100}%`,
                  }}
                />,
              ]
            : [],
        )}
    </span>
  );
}
