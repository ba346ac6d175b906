import { createFileRoute } from "@tanstack/react-router";
import { SignInPage } from "@/features/session/sign-in-page";
import { searchOf, text } from "@/lib/search";

export const Route = createFileRoute("/login")({
  validateSearch: searchOf({ next: text }),
  component: LoginRoute,
});

function LoginRoute() {
  const { next } = Route.useSearch();
  return <SignInPage next={next} />;
}
