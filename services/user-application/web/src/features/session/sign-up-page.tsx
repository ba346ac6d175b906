import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Lock, Terminal } from "lucide-react";
import { useRef } from "react";
import { getSetupOptions, signUpMutation } from "@/api/gen";
import { ErrorState } from "@/components/app/error-state";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { buttonVariants } from "@/components/ui/button";
import { FieldGroup } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { focusFirstInvalid, formErrorsOf, useAppForm } from "@/lib/form";
import { AuthLayout } from "./auth-layout";
import { PasswordField } from "./password-field";
import { PasswordMeter } from "./password-meter";
import { shortestPassword } from "./password-strength";
import { startSession } from "./session";
import { wasSignedIn } from "./signed-in-hint";

export function SignUpPage({ setupToken }: { setupToken: string | undefined }) {
  const setup = useQuery({ ...getSetupOptions(), staleTime: 60_000 });

  if (setup.isPending) {
    return (
      <AuthLayout title="Create an account">
        <div role="status" className="grid gap-6">
          <span className="sr-only">Loading…</span>
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </div>
      </AuthLayout>
    );
  }
  if (setup.isError) {
    return (
      <AuthLayout title="Create an account">
        <ErrorState error={setup.error} onRetry={() => void setup.refetch()} />
      </AuthLayout>
    );
  }
  const { needsSetup, signUpOpen } = setup.data;
  if (needsSetup && !setupToken) return <SetupLinkNeeded />;
  if (!needsSetup && !signUpOpen) return <SignUpClosed usedLink={setupToken !== undefined} />;
  return <SignUpForm setupToken={needsSetup ? setupToken : undefined} />;
}

function SetupLinkNeeded() {
  return (
    <AuthLayout title="Open your first-run link">
      <Alert>
        <Terminal aria-hidden="true" />
        <AlertTitle>This instance has no account yet</AlertTitle>
        <AlertDescription>
          <p>
            The first account looks after the whole instance. To be sure it is yours, it can only be created
            with the link that the server printed when it started:
          </p>
          <p className="break-all rounded-md bg-muted px-2.5 py-1.5 font-mono text-foreground text-xs">
            {window.location.origin}/signup?setup=…
          </p>
        </AlertDescription>
      </Alert>
    </AuthLayout>
  );
}

function SignUpClosed({ usedLink }: { usedLink: boolean }) {
  const signedIn = wasSignedIn();
  return (
    <AuthLayout title="Sign-up is closed">
      <Alert>
        <Lock aria-hidden="true" />
        <AlertTitle>
          {usedLink ? "This first-run link has been used" : "New accounts are not open to everybody here"}
        </AlertTitle>
        <AlertDescription>
          {signedIn
            ? "You have an account already, and are signed in with it."
            : usedLink
              ? "The first account of this instance exists already. Sign in with it."
              : "Whoever runs this instance decides who gets an account. Ask them, or sign in if you have one."}
        </AlertDescription>
      </Alert>
      <Link to={signedIn ? "/app" : "/login"} className={buttonVariants({ className: "mt-6" })}>
        {signedIn ? "Open your links" : "Sign in"}
      </Link>
    </AuthLayout>
  );
}

/** What cannot be an account, so that nobody need be asked. */
function missingFrom({ email, password }: { email: string; password: string }): Record<string, string> {
  return {
    ...(email.trim() ? {} : { email: "Enter your e-mail address." }),
    ...(password ? {} : { password: "Choose a password." }),
    ...(password && Array.from(password).length < shortestPassword
      ? { password: `Use at least ${shortestPassword} characters.` }
      : {}),
  };
}

function SignUpForm({ setupToken }: { setupToken: string | undefined }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const formElement = useRef<HTMLFormElement>(null);
  const signUp = useMutation(signUpMutation());

  const form = useAppForm({
    defaultValues: { name: "", email: "", password: "" },
    canSubmitWhenInvalid: true,
    validators: {
      onSubmitAsync: async ({ value }) => {
        const missing = missingFrom(value);
        if (Object.keys(missing).length > 0) return { fields: missing };
        try {
          const account = await signUp.mutateAsync({
            body: {
              name: value.name.trim() || null,
              email: value.email.trim(),
              password: value.password,
              ...(setupToken ? { setupToken } : {}),
            },
          });
          startSession(queryClient, account);
          return undefined;
        } catch (error) {
          return formErrorsOf(error, ["name", "email", "password"]);
        }
      },
    },
    onSubmit: () => navigate({ to: "/app" }),
    onSubmitInvalid: () => focusFirstInvalid(formElement.current),
  });

  return (
    <AuthLayout
      title={setupToken ? "Set up your instance" : "Create an account"}
      lead={
        setupToken ? (
          "Create the first account. It looks after this instance."
        ) : (
          <>
            Have one already?{" "}
            <Link to="/login" className="font-medium text-primary underline underline-offset-3">
              Sign in
            </Link>
          </>
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
            <form.FormError />
            <form.AppField name="name">
              {(field) => (
                <field.TextField
                  label="Your name"
                  autoComplete="name"
                  aside={<span className="text-muted-foreground text-xs">optional</span>}
                />
              )}
            </form.AppField>
            <form.AppField name="email">
              {(field) => (
                <field.TextField
                  label="E-mail address"
                  type="email"
                  autoComplete="username"
                  autoCapitalize="none"
                  spellCheck={false}
                  required
                />
              )}
            </form.AppField>
            <form.AppField name="password">
              {(field) => (
                <PasswordField
                  label="Password"
                  autoComplete="new-password"
                  hint={(invalid) => (
                    <form.Subscribe selector={({ values }) => [values.name, values.email]}>
                      {(own) => <PasswordMeter password={field.state.value} own={own} silent={invalid} />}
                    </form.Subscribe>
                  )}
                />
              )}
            </form.AppField>
            <form.SubmitButton size="lg">Create the account</form.SubmitButton>
          </FieldGroup>
        </form.AppForm>
      </form>
    </AuthLayout>
  );
}
