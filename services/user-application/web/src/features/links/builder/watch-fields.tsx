import { useId } from "react";
import { Field, FieldDescription, FieldError, FieldLabel } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { blurLater, messagesOf } from "@/lib/form";
import { intervalChoices } from "./intervals";
import { type LinkForm, problemWhenSent } from "./use-link-form";
import { worthProblem } from "./validation";

const automatic = "automatic";

/** Whether and how often the destinations are checked, and what a click is worth. */
export function WatchFields({ form }: { form: LinkForm }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as these fields are
    <div role="group" aria-labelledby={`${id}-heading`} className="grid gap-4 rounded-xl border p-4">
      <form.Field name="monitored">
        {(field) => (
          <div className="flex items-start justify-between gap-4">
            <div>
              <p id={`${id}-heading`} className="font-medium text-sm">
                Watch the destinations
              </p>
              <p id={`${id}-watch`} className="mt-1 text-[0.8125rem] text-muted-foreground">
                Checks that what the pages offer is there, and sends visitors to a backup while it is not.
              </p>
            </div>
            <Switch
              aria-labelledby={`${id}-heading`}
              aria-describedby={`${id}-watch`}
              checked={field.state.value}
              onCheckedChange={(checked) => field.handleChange(checked)}
            />
          </div>
        )}
      </form.Field>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <form.Subscribe selector={(state) => state.values.monitored}>
          {(monitored) => (
            <form.Field name="interval">
              {(field) => {
                const items = [
                  { value: automatic, label: "As often as makes sense" },
                  ...intervalChoices(field.state.value),
                ];
                return (
                  <Field>
                    <FieldLabel id={`${id}-interval`}>Check</FieldLabel>
                    <Select
                      items={items}
                      value={field.state.value || automatic}
                      disabled={!monitored}
                      onValueChange={(value) =>
                        field.handleChange(!value || value === automatic ? "" : value)
                      }
                    >
                      <SelectTrigger className="w-full" aria-labelledby={`${id}-interval`}>
                        <SelectValue />
                      </SelectTrigger>
                      <SelectContent>
                        {items.map(({ value, label }) => (
                          <SelectItem key={value} value={value}>
                            {label}
                          </SelectItem>
                        ))}
                      </SelectContent>
                    </Select>
                    <FieldError className="empty:hidden">
                      {messagesOf(field.state.meta.errors).join(" ")}
                    </FieldError>
                  </Field>
                );
              }}
            </form.Field>
          )}
        </form.Subscribe>
        <form.Field
          name="worth"
          validators={{
            onBlur: ({ value, fieldApi }) =>
              worthProblem(value, fieldApi.form.getFieldValue("currency")) ?? undefined,
            onSubmit: problemWhenSent,
          }}
          listeners={{
            onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onBlur: undefined, onSubmit: undefined }),
          }}
        >
          {(worth) => (
            <form.Field
              name="currency"
              validators={{ onSubmit: problemWhenSent }}
              listeners={{ onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onSubmit: undefined }) }}
            >
              {(currency) => {
                const wrong = messagesOf(worth.state.meta.errors);
                const unknown = messagesOf(currency.state.meta.errors);
                return (
                  <Field>
                    <FieldLabel htmlFor={`${id}-worth`}>Value of a click</FieldLabel>
                    <div className="flex gap-2">
                      <Input
                        id={`${id}-worth`}
                        inputMode="decimal"
                        autoComplete="off"
                        placeholder="2.50"
                        value={worth.state.value}
                        onChange={(event) => worth.handleChange(event.target.value)}
                        onBlur={blurLater(worth)}
                        aria-invalid={wrong.length > 0 || undefined}
                        aria-describedby={`${id}-worth-description ${id}-worth-error`}
                      />
                      <Input
                        aria-label="Currency"
                        className="w-18 shrink-0 uppercase"
                        maxLength={3}
                        autoComplete="off"
                        spellCheck={false}
                        value={currency.state.value}
                        onChange={(event) => currency.handleChange(event.target.value.toUpperCase())}
                        onBlur={currency.handleBlur}
                        aria-invalid={unknown.length > 0 || undefined}
                        aria-describedby={`${id}-worth-error`}
                      />
                    </div>
                    <FieldDescription id={`${id}-worth-description`}>
                      To see what is at stake while a destination is down.
                    </FieldDescription>
                    <FieldError id={`${id}-worth-error`} className="empty:hidden">
                      {[...wrong, ...unknown].join(" ")}
                    </FieldError>
                  </Field>
                );
              }}
            </form.Field>
          )}
        </form.Field>
      </div>
    </div>
  );
}
