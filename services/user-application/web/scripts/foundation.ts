/** Packages every page needs, which seldom change. */
const packages = [
  "react",
  "react-dom",
  "scheduler",
  "use-sync-external-store",
  "@tanstack/history",
  "@tanstack/router-core",
  "@tanstack/react-router",
  "@tanstack/store",
  "@tanstack/react-store",
  "tailwind-merge",
  "clsx",
  "class-variance-authority",
];

/** Of TanStack Query what holds the answers; who looks at them comes with the pages. */
const cache = [
  "focusManager",
  "infiniteQueryBehavior",
  "mutation",
  "mutationCache",
  "notifyManager",
  "onlineManager",
  "query",
  "queryCache",
  "queryClient",
  "removable",
  "retryer",
  "subscribable",
  "timeoutManager",
  "utils",
];

const modules = [
  `/node_modules/(?:${packages.join("|")})/(?!.*/useBlocker)`,
  `/node_modules/@tanstack/query-core/build/modern/(?:${cache.join("|")})\\.js$`,
  "/node_modules/lucide-react/dist/esm/(?!icons/)",
  "/src/api/gen/(?:client|core|@tanstack)",
  "/src/api/[a-z-]+\\.ts$",
];

/** What is loaded before any page, as one file: it compresses better than a dozen. */
export const foundation = new RegExp(modules.join("|"));
