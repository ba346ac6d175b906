-- Domains, and the links below them.
CREATE TABLE domains (
    id UUID NOT NULL PRIMARY KEY,
    -- NULL: the instance's own domain, shared by all workspaces.
    workspace_id UUID REFERENCES workspaces (id) ON DELETE CASCADE,
    host TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX domains_workspace ON domains (workspace_id);
CREATE UNIQUE INDEX domains_instance ON domains ((workspace_id IS NULL)) WHERE workspace_id IS NULL;

CREATE TABLE links (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    domain_id UUID NOT NULL REFERENCES domains (id),
    slug TEXT NOT NULL,
    url TEXT NOT NULL,
    -- JSON, NULL when there is none: country to destination, and the ordered rules.
    geo TEXT,
    rules TEXT,
    external_id TEXT,
    title TEXT NOT NULL DEFAULT '',
    comments TEXT,
    archived BOOLEAN NOT NULL DEFAULT FALSE,
    version BIGINT NOT NULL DEFAULT 1,
    created_by UUID REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
-- Covers deleted rows too: a slug that once led somewhere is never handed to someone else.
CREATE UNIQUE INDEX links_domain_slug ON links (domain_id, slug);
CREATE UNIQUE INDEX links_external_id ON links (workspace_id, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX links_workspace ON links (workspace_id, id) WHERE deleted_at IS NULL;
CREATE INDEX links_updated ON links (updated_at);
