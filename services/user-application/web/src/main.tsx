import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "@/api/query-client";
import { watchConnection } from "@/lib/connection";
import { watchScrollbar } from "@/lib/scrollbar";
import { watchTheme } from "@/lib/theme";
import { createAppRouter } from "./router";
import "./styles.css";

// Not needed for the first paint.
const Toaster = lazy(() => import("@/components/ui/sonner").then((module) => ({ default: module.Toaster })));

const queryClient = createQueryClient(() => {
  // The session ended under a signed-in page: sign in again and come back to where we are.
  const { pathname, href } = router.state.location;
  if (!pathname.startsWith("/app")) return;
  queryClient.clear();
  void router.navigate({ to: "/login", search: { next: href } });
});
const router = createAppRouter(queryClient);

// A new page starts at its content for the keyboard and screen readers too, unless it has put the focus somewhere.
router.subscribe("onRendered", ({ pathChanged, fromLocation }) => {
  const main = document.getElementById("main");
  if (!pathChanged || !fromLocation || !main || main.contains(document.activeElement)) return;
  main.focus({ preventScroll: true });
});

watchTheme();
watchScrollbar();
watchConnection(() => void queryClient.refetchQueries({ type: "active" }));

const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root element");
const root = createRoot(element);

// What index.html shows meanwhile is only replaced by a whole page, not by an empty one that waits for its code.
void router.load().finally(() => {
  root.render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Suspense>
            <Toaster />
          </Suspense>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
});
