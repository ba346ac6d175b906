-- Domains, and the links below them.
CREATE TABLE domains (
    id BLOB NOT NULL PRIMARY KEY,
    -- NULL: the instance's own domain, shared by all workspaces.
    workspace_id BLOB REFERENCES workspaces (id) ON DELETE CASCADE,
    host TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX domains_workspace ON domains (workspace_id);
CREATE UNIQUE INDEX domains_instance ON domains ((workspace_id IS NULL)) WHERE workspace_id IS NULL;

CREATE TABLE links (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    domain_id BLOB NOT NULL REFERENCES domains (id),
    slug TEXT NOT NULL,
    url TEXT NOT NULL,
    -- JSON, NULL when there is none: country to destination, and the ordered rules.
    geo TEXT,
    rules TEXT,
    external_id TEXT,
    title TEXT NOT NULL DEFAULT '',
    comments TEXT,
    archived INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    created_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
-- Covers deleted rows too: a slug that once led somewhere is never handed to someone else.
CREATE UNIQUE INDEX links_domain_slug ON links (domain_id, slug);
CREATE UNIQUE INDEX links_external_id ON links (workspace_id, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX links_workspace ON links (workspace_id, id) WHERE deleted_at IS NULL;
CREATE INDEX links_updated ON links (updated_at);
