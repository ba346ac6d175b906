-- Clicks, what they add up to, and how far each click log has been taken in.
CREATE TABLE clicks (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    link_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    country TEXT,
    device TEXT NOT NULL,
    browser TEXT NOT NULL,
    os TEXT NOT NULL,
    referer TEXT NOT NULL,
    destination TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    bot INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- scope_id: a link or a workspace. bucket: the first millisecond of an hour, or of a day for dimensions from 16 (UTC, workspaces only).
CREATE TABLE click_rollups (
    scope_id BLOB NOT NULL,
    dimension INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    value TEXT NOT NULL,
    clicks INTEGER NOT NULL,
    PRIMARY KEY (scope_id, dimension, bucket, value)
) STRICT, WITHOUT ROWID;

-- Every link that was ever clicked, by bots too (they are not counted): also says whose a link's rollups are.
CREATE TABLE link_counters (
    link_id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    clicks INTEGER NOT NULL,
    last_clicked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE log_positions (
    log_id BLOB NOT NULL,
    consumer TEXT NOT NULL,
    segment INTEGER NOT NULL,
    byte_offset INTEGER NOT NULL,
    PRIMARY KEY (log_id, consumer)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
    log_id BLOB NOT NULL,
    consumer TEXT NOT NULL,
    segment INTEGER NOT NULL,
    byte_offset INTEGER NOT NULL,
    payload BLOB NOT NULL,
    error TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (log_id, consumer, segment, byte_offset)
) STRICT;
CREATE INDEX dead_letters_created ON dead_letters (created_at);
