import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { toApiError } from "@/api/errors";
import { createLink, type Rule, updateLink } from "@/api/gen";
import { workspaceScope } from "@/features/workspaces/workspace";
import { focusFirstInvalid, useAppForm } from "@/lib/form";
import { linkWritten } from "../changes";
import type { ShortLink } from "../link";
import { mapApiErrors } from "./api-errors";
import { validate } from "./validation";
import { inputOf, type LinkValues, sameValues, valuesOf } from "./values";

/** The state of the form and how it is saved: a new link, or changes to the one given. */
export function useLinkForm({
  workspaceId,
  link,
  initial,
  rules,
  onSaved,
}: {
  workspaceId: string;
  link?: ShortLink;
  initial: LinkValues;
  /** What a new link is given besides what the fields say. */
  rules: readonly Rule[];
  onSaved: (link: ShortLink) => void;
}) {
  const client = useQueryClient();
  const element = useRef<HTMLFormElement>(null);
  const saved = useRef<ShortLink | null>(null);

  async function save(values: LinkValues): Promise<ShortLink> {
    const scope = workspaceScope({ id: workspaceId });
    const input = inputOf(values, { link, rules });
    if (!link) return (await createLink({ ...scope, body: input, throwOnError: true })).data;
    // The address is only named when it changes: the old one is then gone for good.
    const { domain, key, ...rest } = input;
    const moved = { ...(domain !== link.domain && { domain }), ...(key !== link.key && { key }) };
    const { data } = await updateLink({
      ...scope,
      path: { linkId: link.id },
      body: { ...rest, ...moved },
      throwOnError: true,
    });
    return data;
  }

  const form = useAppForm({
    defaultValues: initial,
    // One field found wrong already: the others are checked all the same.
    canSubmitWhenInvalid: true,
    validators: {
      onSubmit: ({ value }) => {
        const fields = validate(value);
        return Object.keys(fields).length > 0 ? { fields } : undefined;
      },
      onSubmitAsync: async ({ value }) => {
        if (link && sameValues(value, valuesOf(link))) {
          saved.current = link;
          return undefined;
        }
        try {
          saved.current = await save(value);
          return undefined;
        } catch (error) {
          const { code, message, problems } = toApiError(error);
          const { fields, form } = mapApiErrors({ code, message, errors: problems }, value);
          return { form: form ?? undefined, fields };
        }
      },
    },
    onSubmitInvalid: () => focusFirstInvalid(element.current),
    onSubmit: () => {
      if (!saved.current) return;
      linkWritten(client, workspaceId, saved.current);
      onSaved(saved.current);
    },
  });

  return { form, element };
}

/** For `onSubmit` of a field: what is wrong with it within the whole form. Every field is asked, so that all is said at once. */
export function problemWhenSent({
  fieldApi,
}: {
  fieldApi: { name: string; form: { state: { values: LinkValues } } };
}): string | undefined {
  return validate(fieldApi.form.state.values)[fieldApi.name];
}

export type LinkForm = ReturnType<typeof useLinkForm>["form"];
