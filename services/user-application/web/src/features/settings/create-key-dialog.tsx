import { useMutation, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { CreatedApiKey, Workspace } from "@/api/gen";
import { createApiKeyMutation, listApiKeysQueryKey } from "@/api/gen";
import { CopyButton } from "@/components/app/copy-button";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Field, FieldGroup, FieldLabel } from "@/components/ui/field";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { workspaceScope } from "@/features/workspaces/workspace";
import { focusFirstInvalid, formErrorsOf, useAppForm } from "@/lib/form";
import { type Access, accessChoices, expiryFor, type Lifetime, lifetimes, scopesFor } from "./scopes";

/** Asks for a name and limits, then shows the secret once. Closing forgets it. */
export function CreateKeyDialog({
  workspace,
  open,
  onOpenChange,
}: {
  workspace: Workspace;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const [created, setCreated] = useState<CreatedApiKey | null>(null);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      onOpenChangeComplete={(nowOpen) => {
        if (!nowOpen) setCreated(null);
      }}
      // A press beside the dialog must not lose a secret that cannot be shown again.
      disablePointerDismissal={created !== null}
    >
      <DialogContent>
        {created ? (
          <Secret created={created} />
        ) : (
          <CreateKeyForm workspace={workspace} onCreated={setCreated} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function CreateKeyForm({
  workspace,
  onCreated,
}: {
  workspace: Workspace;
  onCreated: (created: CreatedApiKey) => void;
}) {
  const queryClient = useQueryClient();
  const create = useMutation(createApiKeyMutation());
  const formElement = useRef<HTMLFormElement>(null);
  const id = useId();

  const form = useAppForm({
    defaultValues: { name: "", access: "all" as Access, lifetime: "never" as Lifetime },
    canSubmitWhenInvalid: true,
    validators: {
      onSubmitAsync: async ({ value }) => {
        const name = value.name.trim();
        if (name === "") return { fields: { name: "Give the key a name to recognise it by." } };
        try {
          const created = await create.mutateAsync({
            ...workspaceScope(workspace),
            body: { name, scopes: scopesFor(value.access), expiresAt: expiryFor(value.lifetime, Date.now()) },
          });
          void queryClient.invalidateQueries({ queryKey: listApiKeysQueryKey(workspaceScope(workspace)) });
          onCreated(created);
          return undefined;
        } catch (error) {
          return formErrorsOf(error, ["name", "access", "lifetime"], {
            scopes: "access",
            expiresAt: "lifetime",
          });
        }
      },
    },
    onSubmitInvalid: () => focusFirstInvalid(formElement.current),
  });

  return (
    <form
      ref={formElement}
      noValidate
      className="grid gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        void form.handleSubmit();
      }}
    >
      <form.AppForm>
        <DialogHeader>
          <DialogTitle>Create an API key</DialogTitle>
          <DialogDescription>It works in {workspace.name} only.</DialogDescription>
        </DialogHeader>
        <FieldGroup>
          <form.FormError />
          <form.AppField name="name">
            {(field) => <field.TextField label="Name" placeholder="Newsletter import" autoComplete="off" />}
          </form.AppField>
          <form.AppField name="access">
            {(field) => (
              <Field>
                <FieldLabel id={`${id}-access`}>May do</FieldLabel>
                <Select
                  items={accessChoices.map(({ value, label }) => ({ value, label }))}
                  value={field.state.value}
                  onValueChange={(value) => value && field.handleChange(value)}
                >
                  <SelectTrigger className="w-full" aria-labelledby={`${id}-access`}>
                    <SelectValue />
                  </SelectTrigger>
                  <SelectContent>
                    {accessChoices.map(({ value, label, description }) => (
                      <SelectItem key={value} value={value}>
                        <span className="block font-medium">{label}</span>
                        <span className="block text-muted-foreground text-xs">{description}</span>
                      </SelectItem>
                    ))}
                  </SelectContent>
                </Select>
              </Field>
            )}
          </form.AppField>
          <form.AppField name="lifetime">
            {(field) => (
              <Field>
                <FieldLabel id={`${id}-lifetime`}>Expires</FieldLabel>
                <Select
                  items={lifetimes.map(({ value, label }) => ({ value, label }))}
                  value={field.state.value}
                  onValueChange={(value) => value && field.handleChange(value)}
                >
                  <SelectTrigger className="w-full" aria-labelledby={`${id}-lifetime`}>
                    <SelectValue />
                  </SelectTrigger>
                  <SelectContent>
                    {lifetimes.map(({ value, label }) => (
                      <SelectItem key={value} value={value}>
                        {label}
                      </SelectItem>
                    ))}
                  </SelectContent>
                </Select>
              </Field>
            )}
          </form.AppField>
        </FieldGroup>
        <DialogFooter>
          <DialogClose render={<Button variant="ghost" />}>Cancel</DialogClose>
          <form.SubmitButton>Create the key</form.SubmitButton>
        </DialogFooter>
      </form.AppForm>
    </form>
  );
}

function Secret({ created }: { created: CreatedApiKey }) {
  return (
    <>
      <DialogHeader>
        <DialogTitle>Copy “{created.name}” now</DialogTitle>
        <DialogDescription>This is the only time the key is shown.</DialogDescription>
      </DialogHeader>
      <div className="flex items-center gap-2 rounded-lg border bg-muted p-2 pl-3">
        <code
          data-testid="api-key"
          className="min-w-0 flex-1 select-all break-all font-mono text-[0.8125rem]"
        >
          {created.key}
        </code>
        <CopyButton text={created.key} />
      </div>
      <Alert variant="warning">
        <TriangleAlert aria-hidden="true" />
        <AlertDescription>
          Keep it like a password. Only a hash of it is stored, so a lost key has to be replaced.
        </AlertDescription>
      </Alert>
      <DialogFooter>
        <DialogClose render={<Button />}>I have saved it</DialogClose>
      </DialogFooter>
    </>
  );
}
