-- Clicks, what they add up to, and how far each click log has been taken in.
CREATE TABLE clicks (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    link_id UUID NOT NULL,
    at BIGINT NOT NULL,
    country TEXT,
    device TEXT NOT NULL,
    browser TEXT NOT NULL,
    os TEXT NOT NULL,
    referer TEXT NOT NULL,
    destination TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    bot BOOLEAN NOT NULL
);

-- scope_id: a link or a workspace. bucket: the first millisecond of an hour, or of a day for dimensions from 16 (UTC, workspaces only).
CREATE TABLE click_rollups (
    scope_id UUID NOT NULL,
    dimension SMALLINT NOT NULL,
    bucket BIGINT NOT NULL,
    value TEXT NOT NULL,
    clicks BIGINT NOT NULL,
    PRIMARY KEY (scope_id, dimension, bucket, value)
);

-- Every link that was ever clicked, by bots too (they are not counted): also says whose a link's rollups are.
CREATE TABLE link_counters (
    link_id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL,
    clicks BIGINT NOT NULL,
    last_clicked_at BIGINT
);

CREATE TABLE log_positions (
    log_id UUID NOT NULL,
    consumer TEXT NOT NULL,
    segment BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    PRIMARY KEY (log_id, consumer)
);

CREATE TABLE dead_letters (
    log_id UUID NOT NULL,
    consumer TEXT NOT NULL,
    segment BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (log_id, consumer, segment, byte_offset)
);
CREATE INDEX dead_letters_created ON dead_letters (created_at);
