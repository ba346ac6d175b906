import { toApiError } from "@/api/errors";
import { useConnection } from "@/lib/connection";
import { cn } from "@/lib/utils";
import { locale } from "./format";

const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Whether the numbers on the page are current: live, or from when they last arrived. */
export function LiveNotice({
  query,
}: {
  query: { dataUpdatedAt: number; isError: boolean; error: unknown; isFetching: boolean };
}) {
  const offline = useConnection() === "offline";
  const stale = offline || query.isError;
  if (query.dataUpdatedAt === 0) return null;
  return (
    <p
      role="status"
      title={stale && query.error ? toApiError(query.error).message : undefined}
      className="flex items-center gap-2 text-muted-foreground text-xs"
    >
      <span aria-hidden="true" className="relative flex size-2">
        {!stale && <span className="absolute inset-0 animate-ping rounded-full bg-success opacity-50" />}
        <span className={cn("relative size-2 rounded-full", stale ? "bg-warning" : "bg-success")} />
      </span>
      {stale ? `Not current: from ${time.format(query.dataUpdatedAt)}` : "Live"}
    </p>
  );
}
