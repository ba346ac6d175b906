import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { ApiError } from "@/api/errors";
import { getSetupOptions, signInMutation } from "@/api/gen";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { FieldGroup } from "@/components/ui/field";
import { focusFirstInvalid, formErrorsOf, useAppForm } from "@/lib/form";
import { AuthLayout } from "./auth-layout";
import { PasswordField } from "./password-field";
import { safeReturnPath, startSession } from "./session";

export function SignInPage({ next }: { next: string | undefined }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const formElement = useRef<HTMLFormElement>(null);
  const { data: setup } = useQuery({ ...getSetupOptions(), staleTime: 60_000 });
  const signIn = useMutation(signInMutation());
  const returnPath = safeReturnPath(next);

  const form = useAppForm({
    defaultValues: { email: "", password: "" },
    canSubmitWhenInvalid: true,
    validators: {
      onSubmitAsync: async ({ value }) => {
        const missing = {
          ...(value.email.trim() ? {} : { email: "Enter your e-mail address." }),
          ...(value.password ? {} : { password: "Enter your password." }),
        };
        if (Object.keys(missing).length > 0) return { fields: missing };
        try {
          const account = await signIn.mutateAsync({
            body: { email: value.email.trim(), password: value.password },
          });
          startSession(queryClient, account);
          return undefined;
        } catch (error) {
          if (error instanceof ApiError && error.status === 429)
            return { form: tooManyAttempts(error), fields: {} };
          return formErrorsOf(error, ["email", "password"]);
        }
      },
    },
    onSubmit: () => (returnPath ? navigate({ href: returnPath }) : navigate({ to: "/app" })),
    onSubmitInvalid: () => focusFirstInvalid(formElement.current),
  });

  return (
    <AuthLayout
      title="Sign in"
      lead={
        setup?.signUpOpen ? (
          <>
            New here?{" "}
            <Link to="/signup" className="font-medium text-primary underline underline-offset-3">
              Create an account
            </Link>
          </>
        ) : (
          "Welcome back."
        )
      }
    >
      <form
        ref={formElement}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.handleSubmit();
        }}
      >
        <form.AppForm>
          <FieldGroup>
            {setup?.needsSetup && (
              <Alert variant="warning">
                <AlertDescription className="col-span-full">
                  There is no account yet. Open the sign-up link that the server printed when it started.
                </AlertDescription>
              </Alert>
            )}
            {returnPath && (
              <Alert>
                <AlertDescription className="col-span-full">
                  Sign in to continue. You come back to the page you were on.
                </AlertDescription>
              </Alert>
            )}
            <form.FormError />
            <form.AppField name="email">
              {(field) => (
                <field.TextField
                  label="E-mail address"
                  type="email"
                  autoComplete="username"
                  autoCapitalize="none"
                  spellCheck={false}
                  autoFocus
                />
              )}
            </form.AppField>
            <form.AppField name="password">
              {() => <PasswordField label="Password" autoComplete="current-password" />}
            </form.AppField>
            <form.SubmitButton size="lg">Sign in</form.SubmitButton>
          </FieldGroup>
        </form.AppForm>
      </form>
    </AuthLayout>
  );
}

function tooManyAttempts(error: ApiError): string {
  if (error.retryAfter === null) return error.message;
  const minutes = Math.ceil(error.retryAfter / 60);
  const wait = error.retryAfter <= 90 ? `${Math.ceil(error.retryAfter)} seconds` : `${minutes} minutes`;
  return `Too many attempts. Try again in ${wait}.`;
}
