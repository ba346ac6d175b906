import { createFileRoute, redirect } from "@tanstack/react-router";

export const Route = createFileRoute("/app/$workspace/")({
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/app/$workspace/links", params, replace: true });
  },
});
