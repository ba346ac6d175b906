import { createFileRoute } from "@tanstack/react-router";
import * as z from "zod/mini";
import { SignUpPage } from "@/features/session/sign-up-page";

export const Route = createFileRoute("/signup")({
  // A token of digits only is read as a number by the router: take it as text again.
  validateSearch: z.object({
    setup: z.catch(z.optional(z.pipe(z.union([z.string(), z.number()]), z.transform(String))), undefined),
  }),
  component: SignupRoute,
});

function SignupRoute() {
  const { setup } = Route.useSearch();
  return <SignUpPage setupToken={setup} />;
}
