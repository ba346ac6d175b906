import { ChevronDown } from "lucide-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import type { Rule } from "@/api/gen";
import { Button } from "@/components/ui/button";
import { Field, FieldError, FieldGroup, FieldLabel } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";
import { messagesOf } from "@/lib/form";
import { cn } from "@/lib/utils";
import type { ShortLink } from "../link";
import { AddressFields } from "./address-fields";
import { BackupList } from "./backup-list";
import { CountryRows } from "./country-rows";
import { RuleBackups } from "./rule-backups";
import { withScheme } from "./url";
import { problemWhenSent, useLinkForm } from "./use-link-form";
import { destinationProblem } from "./validation";
import { emptyValues, type LinkValues, sameValues } from "./values";
import { WatchFields } from "./watch-fields";
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

          <BackupList form={form} name="backups" of="everyone else" />

          <CountryRows form={form} afterRules={rules.length > 0} />

          {rules.length > 0 && <RuleBackups form={form} rules={rules} />}

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
              Slug, watching, title and notes
            </Button>
          )}
          <div id={moreId} hidden={!more} className="grid gap-6">
            <AddressFields form={form} workspaceId={workspaceId} link={link} />
            <WatchFields form={form} />
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
