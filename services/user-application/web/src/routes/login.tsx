import { createFileRoute } from "@tanstack/react-router";
import * as z from "zod/mini";
import { SignInPage } from "@/features/session/sign-in-page";

export const Route = createFileRoute("/login")({
  validateSearch: z.object({ next: z.catch(z.optional(z.string()), undefined) }),
  component: LoginRoute,
});

function LoginRoute() {
  const { next } = Route.useSearch();
  return <SignInPage next={next} />;
}
