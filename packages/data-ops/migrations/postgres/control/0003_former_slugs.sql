-- Slugs that links had before they were renamed or moved to another domain: kept for their link, given to no other.
CREATE TABLE former_slugs (
    domain_id UUID NOT NULL REFERENCES domains (id),
    slug TEXT NOT NULL,
    link_id UUID NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    -- On the same scale as links.changed_at.
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (domain_id, slug)
);
CREATE INDEX former_slugs_link ON former_slugs (link_id);
CREATE INDEX former_slugs_workspace ON former_slugs (workspace_id);
CREATE INDEX former_slugs_updated ON former_slugs (updated_at);

-- What replicas follow: the database's own clock, since the clocks of the nodes that write may differ, and never earlier than a
-- change committed before, should that clock be set back. 0 is a row older than this column, which every replica reads when it
-- starts.
ALTER TABLE links ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX links_changed ON links (changed_at);

CREATE FUNCTION links_stamp_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := greatest(
        floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
        (SELECT max(changed_at) FROM links)
    );
    IF TG_OP = 'UPDATE' THEN
        NEW.changed_at := greatest(NEW.changed_at, OLD.changed_at + 1);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER links_stamp_change BEFORE INSERT OR UPDATE ON links FOR EACH ROW EXECUTE FUNCTION links_stamp_change();

-- links_updated stays until no process of the version before reads by it.
