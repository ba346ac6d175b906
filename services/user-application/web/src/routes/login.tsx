import { createFileRoute } from "@tanstack/react-router";
import * as z from "zod/mini";

export const Route = createFileRoute("/login")({
  validateSearch: z.object({ next: z.optional(z.string()) }),
  component: () => <main id="main">Sign in</main>,
});
