import { useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useEffect } from "react";
import { Button } from "@/components/ui/button";
import { useConnection } from "@/lib/connection";

const retryEveryMs = 10_000;

/** Says that what is on the screen may be old, and keeps looking for the server until it answers. */
export function OfflineBanner() {
  const connection = useConnection();
  const queryClient = useQueryClient();
  const offline = connection === "offline";

  useEffect(() => {
    if (!offline) return;
    const timer = setInterval(() => void queryClient.refetchQueries({ type: "active" }), retryEveryMs);
    return () => clearInterval(timer);
  }, [offline, queryClient]);

  return (
    <div role="status">
      {offline && (
        <div className="flex items-center justify-center gap-3 bg-ink px-4 py-2 text-ink-foreground text-sm">
          <CloudOff className="size-4 shrink-0 text-signal" aria-hidden="true" />
          <span className="max-sm:flex-1">
            The server cannot be reached.{" "}
            <span className="max-sm:hidden">What you see may be out of date.</span>
          </span>
          <Button
            variant="signal"
            size="sm"
            className="h-7"
            onClick={() => void queryClient.refetchQueries({ type: "active" })}
          >
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
