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
        <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 bg-ink px-4 py-2 text-ink-foreground text-sm">
          <CloudOff className="size-4 text-signal" aria-hidden="true" />
          <span>The server cannot be reached. What you see may be out of date.</span>
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
