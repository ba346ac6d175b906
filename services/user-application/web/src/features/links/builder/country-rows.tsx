import { Globe, Plus, X } from "lucide-react";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { FieldError } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { countries, countryName } from "@/features/countries/countries";
import { blurLater, messagesOf } from "@/lib/form";
import { BackupList } from "./backup-list";
import { CountryCombobox } from "./country-combobox";
import { readableUrl, withScheme } from "./url";
import { type LinkForm, problemWhenSent } from "./use-link-form";
import { destinationProblem } from "./validation";
import { newRow } from "./values";

/** One row per country with a destination of its own, and one that says what becomes of everybody else. */
export function CountryRows({
  form,
  afterRules,
}: {
  form: LinkForm;
  /** Whether rules send visitors elsewhere before these destinations are looked at. */
  afterRules: boolean;
}) {
  const headingId = useId();
  return (
    <form.Field name="rows" mode="array">
      {(rows) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as this list is
        <div role="group" aria-labelledby={headingId} className="grid gap-3">
          <div>
            <p id={headingId} className="font-medium text-sm">
              Destinations by country
            </p>
            <p className="mt-1 text-[0.8125rem] text-muted-foreground">
              Visitors from these countries go elsewhere. Leave it empty to send everyone to the same place.
            </p>
          </div>
          <div className="divide-y overflow-hidden rounded-xl border">
            {rows.state.value.map((row, index) => (
              <Row
                key={row.id}
                form={form}
                index={index}
                taken={
                  new Set(rows.state.value.filter(({ id }) => id !== row.id).map(({ country }) => country))
                }
                onRemove={() => rows.removeValue(index)}
              />
            ))}
            <form.Subscribe selector={(state) => state.values.url}>
              {(url) => (
                <div className="flex items-center gap-3 bg-muted/50 px-4 py-3 text-sm">
                  <Globe className="size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
                  <span className="shrink-0 font-medium">
                    {rows.state.value.length > 0 || afterRules ? "Everyone else" : "Everyone"}
                  </span>
                  <span className="ml-auto min-w-0 truncate text-muted-foreground">
                    {readableUrl(url) ?? "the destination above"}
                  </span>
                </div>
              )}
            </form.Subscribe>
          </div>
          {rows.state.value.length < countries.length && (
            <Button
              type="button"
              variant="outline"
              size="sm"
              className="justify-self-start"
              onClick={() => rows.pushValue(newRow())}
            >
              <Plus aria-hidden="true" /> Add a country
            </Button>
          )}
        </div>
      )}
    </form.Field>
  );
}

function Row({
  form,
  index,
  taken,
  onRemove,
}: {
  form: LinkForm;
  index: number;
  taken: ReadonlySet<string>;
  onRemove: () => void;
}) {
  const errorId = useId();
  return (
    <form.Subscribe selector={(state) => state.values.rows[index]?.country ?? ""}>
      {(code) => {
        const name = code ? countryName(code) : "this country";
        return (
          <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-2 p-3 sm:grid-cols-[minmax(0,11rem)_minmax(0,1fr)_auto]">
            <form.Field
              name={`rows[${index}].country`}
              validators={{ onSubmit: problemWhenSent }}
              listeners={{ onChange: ({ fieldApi }) => fieldApi.setErrorMap({ onSubmit: undefined }) }}
            >
              {(field) => {
                const messages = messagesOf(field.state.meta.errors);
                return (
                  <div className="grid content-start gap-1.5">
                    <CountryCombobox
                      value={field.state.value}
                      onChange={field.handleChange}
                      onBlur={field.handleBlur}
                      taken={taken}
                      autoFocus={field.state.value === "" && !field.state.meta.isTouched}
                      aria-label={code ? `Country: ${name}` : "Country"}
                      aria-invalid={messages.length > 0 || undefined}
                      aria-describedby={`${errorId}-country`}
                    />
                    <FieldError id={`${errorId}-country`} className="empty:hidden">
                      {messages.join(" ")}
                    </FieldError>
                  </div>
                );
              }}
            </form.Field>
            <Button
              type="button"
              variant="ghost"
              size="icon"
              aria-label={`Remove ${name}`}
              className="sm:order-last"
              onClick={onRemove}
            >
              <X aria-hidden="true" />
            </Button>
            <form.Field
              name={`rows[${index}].url`}
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
              {(field) => {
                const messages = messagesOf(field.state.meta.errors);
                return (
                  <div className="col-span-2 grid content-start gap-1.5 sm:col-span-1">
                    <Input
                      inputMode="url"
                      autoCapitalize="none"
                      autoCorrect="off"
                      spellCheck={false}
                      placeholder="https://example.com/offer"
                      aria-label={`Destination for ${name}`}
                      value={field.state.value}
                      onChange={(event) => field.handleChange(event.target.value)}
                      onBlur={blurLater(field)}
                      aria-invalid={messages.length > 0 || undefined}
                      aria-describedby={`${errorId}-url`}
                    />
                    <FieldError id={`${errorId}-url`} className="empty:hidden">
                      {messages.join(" ")}
                    </FieldError>
                  </div>
                );
              }}
            </form.Field>
            <div className="col-span-2 sm:col-span-3">
              <BackupList form={form} name={`rows[${index}].backups`} of={name} />
            </div>
          </div>
        );
      }}
    </form.Subscribe>
  );
}
