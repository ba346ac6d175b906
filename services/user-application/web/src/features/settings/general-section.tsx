import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { toast } from "sonner";
import type { Account, Workspace } from "@/api/gen";
import { getMeQueryKey, updateWorkspaceMutation } from "@/api/gen";
import { CopyButton } from "@/components/app/copy-button";
import { Card, CardContent, CardDescription, CardFooter, CardHeader, CardTitle } from "@/components/ui/card";
import { canManageWorkspace } from "@/features/workspaces/workspace";
import { formatDate } from "@/lib/dates";
import { focusFirstInvalid, formErrorsOf, useAppForm } from "@/lib/form";
import { cn } from "@/lib/utils";

export function GeneralSection({ workspace }: { workspace: Workspace }) {
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <NameCard workspace={workspace} />
      <Card>
        <CardHeader>
          <CardTitle>For programs</CardTitle>
          <CardDescription>How the API and this dashboard's addresses name the workspace.</CardDescription>
        </CardHeader>
        <CardContent>
          <dl className="grid gap-4 text-sm sm:grid-cols-[minmax(0,1fr)_auto]">
            <Identifier term="Slug" value={workspace.slug} />
            <div>
              <dt className="text-muted-foreground text-xs">Your role</dt>
              <dd className="mt-1 font-medium capitalize leading-8">{workspace.role}</dd>
            </div>
            <Identifier term="Workspace id" value={workspace.id} className="sm:col-span-2" />
          </dl>
        </CardContent>
      </Card>
    </div>
  );
}

function Identifier({ term, value, className }: { term: string; value: string; className?: string }) {
  return (
    <div className={cn("min-w-0", className)}>
      <dt className="text-muted-foreground text-xs">{term}</dt>
      <dd className="mt-1 flex items-center gap-2">
        <code className="min-w-0 truncate font-mono text-[0.8125rem]">{value}</code>
        <CopyButton text={value} label={`Copy the ${term.toLowerCase()}`} variant="ghost" />
      </dd>
    </div>
  );
}

function NameCard({ workspace }: { workspace: Workspace }) {
  const queryClient = useQueryClient();
  const update = useMutation(updateWorkspaceMutation());
  const formElement = useRef<HTMLFormElement>(null);
  const mayChange = canManageWorkspace(workspace);

  const form = useAppForm({
    defaultValues: { name: workspace.name },
    canSubmitWhenInvalid: true,
    validators: {
      onSubmitAsync: async ({ value }) => {
        if (value.name.trim() === "") return { fields: { name: "Give the workspace a name." } };
        try {
          const changed = await update.mutateAsync({
            path: { idOrSlug: workspace.id },
            body: { name: value.name.trim() },
          });
          queryClient.setQueryData<Account>(getMeQueryKey(), (account) =>
            account
              ? {
                  ...account,
                  workspaces: account.workspaces.map((each) =>
                    each.id === changed.id ? { ...each, name: changed.name } : each,
                  ),
                }
              : account,
          );
          toast.success("Name saved");
          return undefined;
        } catch (error) {
          return formErrorsOf(error, ["name"]);
        }
      },
    },
    onSubmitInvalid: () => focusFirstInvalid(formElement.current),
  });

  return (
    <form
      ref={formElement}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.handleSubmit();
      }}
    >
      <form.AppForm>
        <Card className="h-full">
          <CardHeader>
            <CardTitle>Workspace</CardTitle>
            <CardDescription>
              Links, clicks and API keys belong to it. Created on {formatDate(workspace.createdAt)}.
            </CardDescription>
          </CardHeader>
          <CardContent className="grid gap-4">
            <form.FormError />
            <form.AppField name="name">
              {(field) => <field.TextField label="Name" autoComplete="organization" readOnly={!mayChange} />}
            </form.AppField>
          </CardContent>
          <CardFooter className="mt-auto">
            {mayChange ? (
              <form.SubmitButton>Save</form.SubmitButton>
            ) : (
              <p className="text-muted-foreground text-sm">Only owners and admins can change the name.</p>
            )}
          </CardFooter>
        </Card>
      </form.AppForm>
    </form>
  );
}
