import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, Dices } from "lucide-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import type { Rule } from "@/api/gen";
import { listDomainsOptions } from "@/api/gen";
import { Button } from "@/components/ui/button";
import { Field, FieldDescription, FieldError, FieldGroup, FieldLabel } from "@/components/ui/field";
import { inputClassName } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { workspaceScope } from "@/features/workspaces/workspace";
import { blurLater, messagesOf } from "@/lib/form";
import { cn } from "@/lib/utils";
import { linkTakenQuery } from "../changes";
import type { ShortLink } from "../link";
import { CountryRows } from "./country-rows";
import { randomSlug } from "./slug";
import { SlugStatus, takenMessage } from "./slug-status";
import { problemWhenSent, useLinkForm } from "./use-link-form";
import { destinationProblem, keyProblem } from "./validation";
import { emptyValues, type LinkValues, sameValues, withScheme } from "./values";
import { WhoGoesWhere } from "./who-goes-where";

export type LinkFormProps = {
  workspaceId: string;
  /** The link to change; without it, a new one is made. */
  link?: ShortLink;
  /** What the fields begin with. */
  initial?: LinkValues;
  /** Rules that come before what the fields say; the form shows them and leaves them as they are. */
  rules?: readonly Rule[];
  /** Hides slug, title and comments behind a button and leaves out the preview: for the first link of all. */
  compact?: boolean;
  submitLabel: string;
  onSaved: (link: ShortLink) => void;
  /** Told of every change, and whether anything differs from the beginning. */
  onValues?: (values: LinkValues, changed: boolean) => void;
  /** Shown beside the submit button. */
  secondaryAction?: ReactNode;
  className?: string;
  /** Classes of the part that holds the fields, and of the part that holds the buttons. */
  bodyClassName?: string;
  footerClassName?: string;
};

/** The form of a link: destination, countries, slug and notes. */
export function LinkForm({
  workspaceId,
  link,
  initial,
  rules = link?.rules ?? [],
  compact = false,
  submitLabel,
  onSaved,
  onValues,
  secondaryAction,
  className,
  bodyClassName,
  footerClassName,
}: LinkFormProps) {
  const [begin] = useState(() => initial ?? emptyValues());
  const { form, element } = useLinkForm({ workspaceId, link, initial: begin, rules, onSaved });
  const [more, setMore] = useState(!compact);
  const moreId = useId();

  useEffect(() => {
    if (!onValues) return;
    let last = form.store.state.values;
    const subscription = form.store.subscribe(() => {
      const { values } = form.store.state;
      if (values === last) return;
      last = values;
      onValues(values, !sameValues(values, begin));
    });
    return () => subscription.unsubscribe();
  }, [form, onValues, begin]);

  return (
    <form.AppForm>
      <form
        ref={element}
        noValidate
        className={className}
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void form.handleSubmit();
        }}
      >
        <FieldGroup className={cn("content-start gap-6", bodyClassName)}>
          <form.AppField
            name="url"
            validators={{
              onBlur: ({ value }) =>
                (value.trim() === "" ? undefined : destinationProblem(value)) ?? undefined,
              onSubmit: problemWhenSent,
            }}
            listeners={{
              onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onBlur: undefined, onSubmit: undefined }),
              onBlur: ({ value, fieldApi }) => {
                if (withScheme(value) !== value)
                  fieldApi.setValue(withScheme(value), { dontUpdateMeta: true });
              },
            }}
          >
            {(field) => (
              <field.TextField
                label="Destination"
                inputMode="url"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                autoFocus={!link}
                className="h-11 sm:text-base"
                placeholder="https://example.com/launch"
                description={
                  rules.length > 0
                    ? "Where visitors go, unless a rule or their country has a destination of its own."
                    : "Where visitors go, unless their country has a destination of its own."
                }
              />
            )}
          </form.AppField>

          <CountryRows form={form} afterRules={rules.length > 0} />

          {compact && (
            <Button
              type="button"
              variant="ghost"
              size="sm"
              className="-ml-3 justify-self-start text-muted-foreground"
              aria-expanded={more}
              aria-controls={moreId}
              onClick={() => setMore(!more)}
            >
              <ChevronDown className={more ? "rotate-180" : undefined} aria-hidden="true" />
              Slug, title and notes
            </Button>
          )}
          <div id={moreId} hidden={!more} className="grid gap-6">
            <AddressFields form={form} workspaceId={workspaceId} link={link} />
            <form.AppField name="title">
              {(field) => (
                <field.TextField
                  label="Title"
                  placeholder="Spring launch, newsletter"
                  description="To find the link by."
                />
              )}
            </form.AppField>
            <form.AppField name="comments">
              {(field) => (
                <Field>
                  <FieldLabel htmlFor={`${moreId}-comments`}>Notes</FieldLabel>
                  <Textarea
                    id={`${moreId}-comments`}
                    value={field.state.value}
                    onChange={(event) => field.handleChange(event.target.value)}
                    onBlur={field.handleBlur}
                    placeholder="For the members of this workspace"
                  />
                  <FieldError>{messagesOf(field.state.meta.errors).join(" ")}</FieldError>
                </Field>
              )}
            </form.AppField>
          </div>

          {!compact && (
            <form.Subscribe selector={(state) => state.values}>
              {(values) => <WhoGoesWhere values={values} rules={rules} />}
            </form.Subscribe>
          )}
        </FieldGroup>
        <div className={cn("grid gap-3", footerClassName)}>
          <form.FormError />
          <div className="flex items-center justify-end gap-2">
            {secondaryAction}
            <form.SubmitButton size={compact ? "lg" : "default"}>{submitLabel}</form.SubmitButton>
          </div>
        </div>
      </form>
    </form.AppForm>
  );
}

/** The host, where there is a choice, and the slug. */
function AddressFields({
  form,
  workspaceId,
  link,
}: {
  form: ReturnType<typeof useLinkForm>["form"];
  workspaceId: string;
  link?: ShortLink;
}) {
  const id = useId();
  const client = useQueryClient();
  const domains = useQuery(listDomainsOptions(workspaceScope({ id: workspaceId })));
  const hosts = domains.data?.map(({ slug }) => slug) ?? [];
  const usual = domains.data?.find(({ primary }) => primary)?.slug ?? hosts[0] ?? link?.domain ?? "";
  return (
    <form.AppField
      name="key"
      validators={{
        onBlur: ({ value }) => keyProblem(value) ?? undefined,
        // What was found out while typing need not be asked again by saving.
        onSubmit: ({ value, fieldApi }) => {
          const problem = problemWhenSent({ fieldApi });
          if (problem) return problem;
          const host = fieldApi.form.getFieldValue("domain") || usual;
          const slug = value.trim();
          if (link && slug === "") return "Enter a slug.";
          if (link?.domain === host && link.key === slug) return undefined;
          const taken = client.getQueryData(linkTakenQuery(workspaceId, host, slug).queryKey);
          return taken ? takenMessage(host, slug) : undefined;
        },
      }}
      listeners={{
        onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onBlur: undefined, onSubmit: undefined }),
      }}
    >
      {(field) => {
        const messages = messagesOf(field.state.meta.errors);
        return (
          <Field>
            <FieldLabel htmlFor={`${id}-key`}>Short link</FieldLabel>
            <form.AppField name="domain">
              {(domain) => {
                const host = domain.state.value || usual;
                const unchanged = link?.domain === host && link.key === field.state.value.trim();
                return (
                  <>
                    <div className="flex items-stretch">
                      {hosts.length > 1 ? (
                        <Select
                          value={host}
                          onValueChange={(value) => domain.handleChange(String(value ?? ""))}
                        >
                          <SelectTrigger aria-label="Domain" className="max-w-44 rounded-r-none border-r-0">
                            <SelectValue />
                          </SelectTrigger>
                          <SelectContent>
                            {hosts.map((slug) => (
                              <SelectItem key={slug} value={slug}>
                                {slug}
                              </SelectItem>
                            ))}
                          </SelectContent>
                        </Select>
                      ) : (
                        <span className="flex min-w-0 max-w-[50%] items-center rounded-l-md border border-input border-r-0 bg-muted px-3 text-muted-foreground text-sm">
                          <span className="truncate">{host || "…"}</span>
                        </span>
                      )}
                      <div className="relative min-w-0 flex-1">
                        <span
                          aria-hidden="true"
                          className="absolute inset-y-0 left-3 flex items-center text-muted-foreground text-sm"
                        >
                          /
                        </span>
                        <input
                          id={`${id}-key`}
                          value={field.state.value}
                          onChange={(event) => field.handleChange(event.target.value)}
                          onBlur={blurLater(field)}
                          autoCapitalize="none"
                          autoCorrect="off"
                          spellCheck={false}
                          autoComplete="off"
                          placeholder={link ? "" : "random"}
                          aria-invalid={messages.length > 0 || undefined}
                          aria-describedby={`${id}-key-description ${id}-key-error`}
                          className={cn(inputClassName, "rounded-l-none pr-10 pl-6")}
                        />
                        <Button
                          type="button"
                          variant="ghost"
                          size="icon-sm"
                          aria-label="Choose a random slug"
                          title="Choose a random slug"
                          className="absolute top-0.5 right-0.5"
                          onClick={() => field.handleChange(randomSlug())}
                        >
                          <Dices aria-hidden="true" />
                        </Button>
                      </div>
                    </div>
                    <FieldDescription id={`${id}-key-description`}>
                      {link
                        ? "Changing it breaks what was printed or shared: the old address stops working and cannot be used again."
                        : "Leave it empty for a short random one."}
                    </FieldDescription>
                    <FieldError id={`${id}-key-error`} className="empty:hidden">
                      {[...messages, ...messagesOf(domain.state.meta.errors)].join(" ")}
                    </FieldError>
                    {!unchanged && messages.length === 0 && (
                      <div role="status">
                        <SlugStatus workspaceId={workspaceId} domain={host} slug={field.state.value} />
                      </div>
                    )}
                  </>
                );
              }}
            </form.AppField>
          </Field>
        );
      }}
    </form.AppField>
  );
}
