/** As much of an OpenAPI document as these pages read; the rest is passed on as it is. */
export interface ApiDocument {
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, unknown>>;
}

/** A tag as people write it: `apiKeys` becomes "API keys". */
export function groupName(tag: string): string {
  const words = tag.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.replace(/^api\b/, "API").replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

/** The document with its tags named for people. */
export function withGroupNames(document: ApiDocument): ApiDocument {
  const rename = (operation: unknown): unknown => {
    if (!operation || typeof operation !== "object" || !("tags" in operation)) return operation;
    const { tags } = operation;
    return Array.isArray(tags)
      ? { ...operation, tags: tags.map((tag) => groupName(String(tag))) }
      : operation;
  };
  const paths = Object.entries(document.paths).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, rename(operation)])),
  ]);
  return {
    ...document,
    tags: document.tags?.map((tag) => ({ ...tag, name: groupName(tag.name) })),
    paths: Object.fromEntries(paths),
  };
}
