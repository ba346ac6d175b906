import { createFileRoute, Outlet } from "@tanstack/react-router";

export const Route = createFileRoute("/app/$workspace")({
  component: () => (
    <main id="main">
      <Outlet />
    </main>
  ),
});
