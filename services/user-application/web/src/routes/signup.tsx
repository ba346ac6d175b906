import { createFileRoute } from "@tanstack/react-router";
import { SignUpPage } from "@/features/session/sign-up-page";
import { searchOf, textOrDigits } from "@/lib/search";

export const Route = createFileRoute("/signup")({
  validateSearch: searchOf({ setup: textOrDigits }),
  component: SignupRoute,
});

function SignupRoute() {
  const { setup } = Route.useSearch();
  return <SignUpPage setupToken={setup} />;
}
