import type { Workspace } from "@/api/gen";

const lastKey = "hashroute.workspace";

export function findWorkspace(workspaces: readonly Workspace[], slugOrId: string): Workspace | undefined {
  return workspaces.find((workspace) => workspace.slug === slugOrId || workspace.id === slugOrId);
}

/** The options every request about a workspace carries; part of the query key, so workspaces never share a cache entry. */
export function workspaceScope(workspace: Pick<Workspace, "id">) {
  return { headers: { "X-Workspace-Id": workspace.id } };
}

/** The workspace to open first: the one last looked at, else the oldest. */
export function preferredWorkspace(workspaces: readonly Workspace[]): Workspace | undefined {
  let last: string | null = null;
  try {
    last = localStorage.getItem(lastKey);
  } catch {
    // Storage is blocked: the first one will do.
  }
  return workspaces.find((workspace) => workspace.id === last) ?? workspaces[0];
}

export function rememberWorkspace(workspace: Workspace): void {
  try {
    localStorage.setItem(lastKey, workspace.id);
  } catch {
    // Storage is blocked: nothing to remember.
  }
}

const writers: ReadonlySet<Workspace["role"]> = new Set(["owner", "admin", "editor"] as const);
const managers: ReadonlySet<Workspace["role"]> = new Set(["owner", "admin"] as const);

/** The server decides; these only leave out buttons that would be refused. */
export function canWriteLinks(workspace: Workspace): boolean {
  return writers.has(workspace.role);
}

export function canManageWorkspace(workspace: Workspace): boolean {
  return managers.has(workspace.role);
}
