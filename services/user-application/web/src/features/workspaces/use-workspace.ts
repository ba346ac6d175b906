import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Workspace } from "@/api/gen";
import { sessionOptions } from "@/features/session/session";
import { findWorkspace } from "./workspace";

/** The workspace of the page, under `/app/$workspace`. */
export function useWorkspace(): Workspace {
  const { workspace: slug } = useParams({ from: "/app/$workspace" });
  const { data } = useSuspenseQuery(sessionOptions());
  const workspace = findWorkspace(data.workspaces, slug);
  if (!workspace) throw new Error(`no workspace ${slug} in this account`);
  return workspace;
}
