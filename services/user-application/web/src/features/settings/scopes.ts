import type { Scope } from "@/api/gen";

/** What a key may do, in the words of the form. `apis.all` is everything the workspace offers. */
export const accessChoices = [
  {
    value: "all",
    label: "Everything",
    description: "Create, change and delete links, read analytics.",
    scopes: ["apis.all"],
  },
  {
    value: "links",
    label: "Links",
    description: "Create, change and delete links.",
    scopes: ["links.read", "links.write"],
  },
  {
    value: "read",
    label: "Reading only",
    description: "Read links and analytics, change nothing.",
    scopes: ["links.read", "analytics.read"],
  },
] as const satisfies readonly {
  value: string;
  label: string;
  description: string;
  scopes: readonly Scope[];
}[];

export type Access = (typeof accessChoices)[number]["value"];

export function scopesFor(access: Access): Scope[] {
  return [...(accessChoices.find((choice) => choice.value === access)?.scopes ?? [])];
}

/** The choice a key was made with, or its scopes where none fits. */
export function describeScopes(scopes: readonly string[]): string {
  const wanted = [...scopes].sort().join();
  const choice = accessChoices.find((each) => [...each.scopes].sort().join() === wanted);
  return choice?.label ?? scopes.join(", ");
}

export const lifetimes = [
  { value: "never", label: "Never", days: null },
  { value: "30", label: "In 30 days", days: 30 },
  { value: "90", label: "In 90 days", days: 90 },
  { value: "365", label: "In a year", days: 365 },
] as const;

export type Lifetime = (typeof lifetimes)[number]["value"];

export function expiryFor(lifetime: Lifetime, now: number): string | null {
  const days = lifetimes.find((each) => each.value === lifetime)?.days;
  return days ? new Date(now + days * 86_400_000).toISOString() : null;
}
