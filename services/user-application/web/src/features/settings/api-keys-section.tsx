import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { ApiKey, Workspace } from "@/api/gen";
import { listApiKeysOptions } from "@/api/gen";
import { ErrorState } from "@/components/app/error-state";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardAction, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { Empty, EmptyActions, EmptyDescription, EmptyMedia, EmptyTitle } from "@/components/ui/empty";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { canManageWorkspace, workspaceScope } from "@/features/workspaces/workspace";
import { formatAgo, formatDate, formatMoment } from "@/lib/dates";
import { RevokeKeyDialog } from "./revoke-key-dialog";
import { describeScopes } from "./scopes";

const CreateKeyDialog = lazy(() =>
  import("./create-key-dialog").then((module) => ({ default: module.CreateKeyDialog })),
);

export function ApiKeysSection({ workspace }: { workspace: Workspace }) {
  const mayManage = canManageWorkspace(workspace);
  const keys = useQuery({ ...listApiKeysOptions(workspaceScope(workspace)), enabled: mayManage });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);

  if (!mayManage) {
    return (
      <Empty>
        <EmptyMedia>
          <KeyRound />
        </EmptyMedia>
        <div>
          <EmptyTitle>API keys are for owners and admins</EmptyTitle>
          <EmptyDescription>Ask one of them to create a key for you.</EmptyDescription>
        </div>
      </Empty>
    );
  }

  return (
    <>
      {keys.isPending && <KeysSkeleton />}
      {keys.isError && !keys.data && <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <Empty>
          <EmptyMedia>
            <KeyRound />
          </EmptyMedia>
          <div>
            <EmptyTitle>No API keys yet</EmptyTitle>
            <EmptyDescription>
              A key lets a program create links and read analytics in this workspace.{" "}
              <a href="/api/docs" className="text-primary underline underline-offset-3">
                See what the API can do
              </a>
            </EmptyDescription>
          </div>
          <EmptyActions>
            <Button onClick={() => setCreating(true)}>
              <Plus aria-hidden="true" /> Create a key
            </Button>
          </EmptyActions>
        </Empty>
      )}
      {keys.data && keys.data.length > 0 && (
        <Card>
          <CardHeader>
            <CardTitle>API keys</CardTitle>
            <CardDescription className="col-span-full">
              Sent as <code className="font-mono text-xs">Authorization: Bearer hr_…</code>. What they can do
              is in the{" "}
              <a href="/api/docs" className="text-primary underline underline-offset-3">
                API reference
              </a>
              .
            </CardDescription>
            <CardAction className="row-span-1">
              <Button size="sm" onClick={() => setCreating(true)}>
                <Plus aria-hidden="true" /> Create a key
              </Button>
            </CardAction>
          </CardHeader>
          <CardContent className="px-0">
            <KeysTable keys={keys.data} onRevoke={setRevoking} />
          </CardContent>
        </Card>
      )}
      <Suspense>
        <CreateKeyDialog workspace={workspace} open={creating} onOpenChange={setCreating} />
      </Suspense>
      <RevokeKeyDialog workspace={workspace} apiKey={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

function KeysTable({ keys, onRevoke }: { keys: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  return (
    <Table aria-label="API keys">
      <TableHeader className="max-sm:sr-only">
        <TableRow>
          <TableHead className="pl-5">Name</TableHead>
          <TableHead>May do</TableHead>
          <TableHead>Last used</TableHead>
          <TableHead>Expires</TableHead>
          <TableHead className="pr-5">
            <span className="sr-only">Revoke</span>
          </TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {keys.map((key) => (
          <TableRow
            key={key.id}
            className="max-sm:grid max-sm:grid-cols-[1fr_auto] max-sm:gap-x-4 max-sm:gap-y-2 max-sm:px-5 max-sm:py-4"
          >
            <TableCell className="pl-5 max-sm:p-0">
              <span className="block font-medium">{key.name}</span>
              <code className="font-mono text-muted-foreground text-xs">{key.prefix}…</code>
            </TableCell>
            <TableCell className="max-sm:order-3 max-sm:p-0">
              <Badge>{describeScopes(key.scopes)}</Badge>
            </TableCell>
            <TableCell className="whitespace-nowrap text-muted-foreground max-sm:order-4 max-sm:self-center max-sm:p-0 max-sm:text-right max-sm:text-xs">
              {key.lastUsedAt ? (
                <>
                  <span className="sm:hidden">Used </span>
                  <time dateTime={key.lastUsedAt} title={formatMoment(key.lastUsedAt)}>
                    {formatAgo(key.lastUsedAt)}
                  </time>
                </>
              ) : (
                "Not used yet"
              )}
            </TableCell>
            <TableCell className="whitespace-nowrap text-muted-foreground max-sm:order-5 max-sm:col-span-2 max-sm:p-0 max-sm:text-xs">
              <span className="sm:hidden">{key.expiresAt ? "Expires " : "Expires: "}</span>
              {key.expiresAt ? formatDate(key.expiresAt) : <span className="max-sm:lowercase">Never</span>}
            </TableCell>
            <TableCell className="pr-5 text-right max-sm:order-2 max-sm:p-0">
              <Button
                variant="outline"
                size="sm"
                onClick={() => onRevoke(key)}
                aria-label={`Revoke ${key.name}`}
              >
                Revoke
              </Button>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function KeysSkeleton() {
  return (
    <Card role="status">
      <span className="sr-only">Loading the API keys…</span>
      <CardContent className="grid gap-4">
        <Skeleton className="h-6 w-40" />
        <Skeleton className="h-12" />
        <Skeleton className="h-12" />
      </CardContent>
    </Card>
  );
}
