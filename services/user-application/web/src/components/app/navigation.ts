import { ChartNoAxesColumn, HeartPulse, Link2, Settings2 } from "lucide-react";

/** The places of a workspace, in their order in the sidebar and in the bar at the bottom of small screens. */
export const workspacePlaces = [
  { to: "/app/$workspace/links", label: "Links", icon: Link2 },
  { to: "/app/$workspace/analytics", label: "Analytics", icon: ChartNoAxesColumn },
  { to: "/app/$workspace/health", label: "Health", icon: HeartPulse },
  { to: "/app/$workspace/settings", label: "Settings", icon: Settings2 },
] as const;
