import { Eye, EyeOff } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, FieldError, FieldLabel } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { blurLater, messagesOf, useFieldContext } from "@/lib/form";

/** A password input of the form that can show what was typed. `hint` is read together with the field; it is told whether an error says more. */
export function PasswordField({
  label,
  autoComplete,
  hint,
}: {
  label: string;
  autoComplete: "current-password" | "new-password";
  hint?: (invalid: boolean) => ReactNode;
}) {
  const field = useFieldContext<string>();
  const [shown, setShown] = useState(false);
  const id = useId();
  const messages = messagesOf(field.state.meta.errors);
  const invalid = messages.length > 0;
  const describedBy = [hint ? `${id}-hint` : "", invalid ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <Field>
      <FieldLabel htmlFor={id}>{label}</FieldLabel>
      <div className="relative">
        <Input
          id={id}
          name={field.name}
          type={shown ? "text" : "password"}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          value={field.state.value}
          onChange={(event) => field.handleChange(event.target.value)}
          onBlur={blurLater(field)}
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy || undefined}
          className="pr-11"
        />
        <Button
          variant="ghost"
          size="icon-sm"
          className="absolute top-0.5 right-0.5 text-muted-foreground"
          aria-label={shown ? "Hide the password" : "Show the password"}
          aria-pressed={shown}
          onClick={() => setShown((value) => !value)}
        >
          {shown ? <EyeOff /> : <Eye />}
        </Button>
      </div>
      {hint && <div id={`${id}-hint`}>{hint(invalid)}</div>}
      <FieldError id={`${id}-error`}>{messages.join(" ")}</FieldError>
    </Field>
  );
}
