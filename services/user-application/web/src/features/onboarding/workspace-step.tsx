import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { useRef } from "react";
import type { Workspace } from "@/api/gen";
import { createWorkspaceMutation } from "@/api/gen";
import { FieldGroup } from "@/components/ui/field";
import { sessionOptions } from "@/features/session/session";
import { focusFirstInvalid, formErrorsOf, useAppForm } from "@/lib/form";

export function WorkspaceStep({
  first,
  onCreated,
}: {
  first: boolean;
  onCreated: (workspace: Workspace) => void;
}) {
  const queryClient = useQueryClient();
  const create = useMutation(createWorkspaceMutation());
  const formElement = useRef<HTMLFormElement>(null);
  const created = useRef<Workspace>(undefined);

  const form = useAppForm({
    defaultValues: { name: "" },
    canSubmitWhenInvalid: true,
    validators: {
      onSubmitAsync: async ({ value }) => {
        const name = value.name.trim();
        if (name === "") return { fields: { name: "Give the workspace a name. You can change it later." } };
        try {
          created.current = await create.mutateAsync({ body: { name } });
          return undefined;
        } catch (error) {
          return formErrorsOf(error, ["name"]);
        }
      },
    },
    onSubmit: async () => {
      // The next page looks the workspace up in the account: fetch it with the new one in it.
      await queryClient.fetchQuery({ ...sessionOptions(), staleTime: 0 });
      if (created.current) onCreated(created.current);
    },
    onSubmitInvalid: () => focusFirstInvalid(formElement.current),
  });

  return (
    <section aria-labelledby="workspace-step">
      <h1 id="workspace-step" className="font-semibold text-3xl">
        {first ? "Name your workspace" : "New workspace"}
      </h1>
      <p className="mt-2 text-muted-foreground">
        Links, clicks and API keys live in a workspace. Most people name it after their company or project.
      </p>
      <form
        ref={formElement}
        noValidate
        className="mt-7 rounded-2xl border bg-card p-5 shadow-xs sm:p-6"
        onSubmit={(event) => {
          event.preventDefault();
          void form.handleSubmit();
        }}
      >
        <form.AppForm>
          <FieldGroup>
            <form.FormError />
            <form.AppField name="name">
              {(field) => <field.TextField label="Workspace name" autoComplete="organization" autoFocus />}
            </form.AppField>
            <form.SubmitButton size="lg" className="justify-self-end">
              Continue <ArrowRight aria-hidden="true" />
            </form.SubmitButton>
          </FieldGroup>
        </form.AppForm>
      </form>
    </section>
  );
}
