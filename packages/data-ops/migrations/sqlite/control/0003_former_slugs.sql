-- Slugs that links had before they were renamed or moved to another domain: kept for their link, given to no other.
CREATE TABLE former_slugs (
    domain_id BLOB NOT NULL REFERENCES domains (id),
    slug TEXT NOT NULL,
    link_id BLOB NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    -- On the same scale as links.changed_at.
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (domain_id, slug)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_slugs_link ON former_slugs (link_id);
CREATE INDEX former_slugs_workspace ON former_slugs (workspace_id);
CREATE INDEX former_slugs_updated ON former_slugs (updated_at);

-- What replicas follow. One machine has one clock, so here it is what the program wrote.
ALTER TABLE links ADD COLUMN changed_at INTEGER NOT NULL GENERATED ALWAYS AS (updated_at) VIRTUAL;
CREATE INDEX links_changed ON links (changed_at);
DROP INDEX links_updated;
