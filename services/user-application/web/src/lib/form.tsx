import { createFormHook, createFormHookContexts } from "@tanstack/react-form";
import { LoaderCircle } from "lucide-react";
import { type ReactNode, useId } from "react";
import { toApiError } from "@/api/errors";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button, type ButtonProps } from "@/components/ui/button";
import { Field, FieldDescription, FieldError, FieldLabel } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

const { fieldContext, formContext, useFieldContext, useFormContext } = createFormHookContexts();

export { useFieldContext };

/** Messages of a field, whether a validator answered with text or with an object that carries one. */
export function messagesOf(errors: readonly unknown[]): string[] {
  const messages = errors.flatMap((error) => {
    if (typeof error === "string") return [error];
    if (error && typeof error === "object" && "message" in error) return [String(error.message)];
    return [];
  });
  return [...new Set(messages)];
}

/** Longer than a press of a button takes: what leaving a field puts on the page must not move the button that was aimed at. */
const pressMs = 150;

/**
 * For `onBlur`: the field is checked once the press that left it has reached its aim. What sending the form found wrong with it stays:
 * the check would take it away, though nothing was changed.
 */
export function blurLater(field: {
  handleBlur: () => void;
  getMeta: () => { errorMap: { onSubmit?: unknown } };
  form: { state: { errorMap: { onSubmit?: unknown } } };
}): () => void {
  return () =>
    void setTimeout(() => {
      const refused = field.getMeta().errorMap.onSubmit ?? field.form.state.errorMap.onSubmit;
      if (!refused) field.handleBlur();
    }, pressMs);
}

interface TextFieldProps
  extends Omit<React.ComponentProps<"input">, "value" | "onChange" | "onBlur" | "name"> {
  label: ReactNode;
  description?: ReactNode;
  /** Shown at the right of the label. */
  aside?: ReactNode;
}

/** A labelled text input of the form, with its description and its errors tied to it for screen readers. */
function TextField({ label, description, aside, id, ...props }: TextFieldProps) {
  const field = useFieldContext<string>();
  const generated = useId();
  const inputId = id ?? generated;
  const messages = messagesOf(field.state.meta.errors);
  const invalid = messages.length > 0;
  const describedBy = [description ? `${inputId}-description` : "", invalid ? `${inputId}-error` : ""];
  return (
    <Field>
      <div className="flex items-center justify-between gap-2">
        <FieldLabel htmlFor={inputId}>{label}</FieldLabel>
        {aside}
      </div>
      <Input
        id={inputId}
        name={field.name}
        value={field.state.value}
        onChange={(event) => field.handleChange(event.target.value)}
        onBlur={blurLater(field)}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy.filter(Boolean).join(" ") || undefined}
        {...props}
      />
      {description && <FieldDescription id={`${inputId}-description`}>{description}</FieldDescription>}
      <FieldError id={`${inputId}-error`}>{messages.join(" ")}</FieldError>
    </Field>
  );
}

/** The submit button: shows that the form is on its way, and is never greyed out for being invalid. */
function SubmitButton({ children, ...props }: ButtonProps) {
  const form = useFormContext();
  return (
    <form.Subscribe selector={(state) => state.isSubmitting}>
      {(submitting) => (
        <Button type="submit" aria-disabled={submitting || undefined} {...props}>
          {submitting && <LoaderCircle className="animate-spin" aria-hidden="true" />}
          {children}
        </Button>
      )}
    </form.Subscribe>
  );
}

/** What is wrong with the whole form rather than one field. */
function FormError() {
  const form = useFormContext();
  return (
    <form.Subscribe selector={(state) => messagesOf(state.errors)}>
      {(messages) =>
        messages.length > 0 && (
          <Alert variant="destructive">
            <AlertDescription className="text-foreground">{messages.join(" ")}</AlertDescription>
          </Alert>
        )
      }
    </form.Subscribe>
  );
}

/** `useForm` with our field components: `<form.AppField name="email">{(field) => <field.TextField … />}</form.AppField>`. */
export const { useAppForm } = createFormHook({
  fieldContext,
  formContext,
  fieldComponents: { TextField },
  formComponents: { SubmitButton, FormError },
});

/**
 * An API error as TanStack Form wants it: problems of known fields at those fields, the rest on the form.
 * `names` maps the API's path to the form's field where they differ.
 */
export function formErrorsOf<Name extends string>(
  error: unknown,
  fields: readonly Name[],
  names: Readonly<Record<string, Name>> = {},
): { form?: string; fields: Partial<Record<Name, string>> } {
  const apiError = toApiError(error);
  const atFields: Partial<Record<Name, string>> = {};
  const elsewhere: string[] = [];
  for (const [path, message] of Object.entries(apiError.fields)) {
    const name = names[path] ?? fields.find((field) => field === path);
    if (name) atFields[name] = message;
    else elsewhere.push(message);
  }
  const placed = Object.keys(atFields).length > 0;
  if (elsewhere.length > 0) return { form: elsewhere.join(" "), fields: atFields };
  return placed ? { fields: atFields } : { form: apiError.message, fields: atFields };
}

/** After a refused submit, puts the keyboard where the first problem is. */
export function focusFirstInvalid(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
