import { useQuery } from "@tanstack/react-query";
import { Check, LoaderCircle, X } from "lucide-react";
import { toApiError } from "@/api/errors";
import { useDebounced } from "@/hooks/use-debounced";
import { linkTakenQuery } from "../changes";
import { keyProblem } from "./validation";

export function takenMessage(domain: string, slug: string): string {
  return `${domain}/${slug} is taken or reserved. Choose another slug.`;
}

/** Says whether an address is still free, a moment after typing stops. The last word is the API's when the link is saved. */
export function SlugStatus({
  workspaceId,
  domain,
  slug,
}: {
  workspaceId: string;
  domain: string;
  slug: string;
}) {
  const wanted = slug.trim();
  const settled = useDebounced(wanted, 350);
  const ask = settled !== "" && keyProblem(settled) === null;
  const taken = useQuery({ ...linkTakenQuery(workspaceId, domain, settled), enabled: ask });
  if (wanted === "" || keyProblem(wanted) !== null) return null;
  if (settled !== wanted || taken.isPending) {
    return (
      <Status icon={<LoaderCircle className="size-3.5 animate-spin" aria-hidden="true" />}>
        Checking the address…
      </Status>
    );
  }
  if (taken.isError) {
    // A refusal ("reserved") explains itself; failing to ask is no reason to stop: saving checks again.
    return toApiError(taken.error).status === 422 ? (
      <Status className="text-destructive" icon={<X className="size-3.5" aria-hidden="true" />}>
        {toApiError(taken.error).message}
      </Status>
    ) : null;
  }
  return taken.data ? (
    <Status className="text-destructive" icon={<X className="size-3.5" aria-hidden="true" />}>
      {takenMessage(domain, wanted)}
    </Status>
  ) : (
    <Status className="text-success" icon={<Check className="size-3.5" aria-hidden="true" />}>
      {domain}/{wanted} is free.
    </Status>
  );
}

function Status({
  icon,
  className,
  children,
}: {
  icon: React.ReactNode;
  className?: string;
  children: React.ReactNode;
}) {
  return (
    <p
      className={`flex items-baseline gap-1.5 [&>svg]:translate-y-0.5 [&>svg]:shrink-0 text-[0.8125rem] ${className ?? "text-muted-foreground"}`}
    >
      {icon}
      <span className="wrap-anywhere min-w-0">{children}</span>
    </p>
  );
}
