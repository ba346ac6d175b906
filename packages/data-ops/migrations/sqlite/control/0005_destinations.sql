-- Destinations that are watched: their health, the checks of them, who is told. JSON columns are TEXT.

-- Where a link leads while its own destination is down; which of its destinations are watched, and what a click is worth.
-- backup_urls: a list; geo_backup_urls: country to list; those of rules are within rules. monitor_phrases: words that decide.
ALTER TABLE links ADD COLUMN backup_urls TEXT;
ALTER TABLE links ADD COLUMN geo_backup_urls TEXT;
ALTER TABLE links ADD COLUMN monitor_enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE links ADD COLUMN monitor_interval_s INTEGER;
ALTER TABLE links ADD COLUMN monitor_phrases TEXT;
ALTER TABLE links ADD COLUMN click_value_minor INTEGER;
ALTER TABLE links ADD COLUMN click_value_currency TEXT;
-- When the health of a destination last changed where the link leads: no edit of its owner, but a change to whoever redirects.
ALTER TABLE links ADD COLUMN routed_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX links_changed;
ALTER TABLE links DROP COLUMN changed_at;
ALTER TABLE links ADD COLUMN changed_at INTEGER NOT NULL GENERATED ALWAYS AS (max(updated_at, routed_at)) VIRTUAL;
CREATE INDEX links_changed ON links (changed_at);

-- A URL within a workspace. state: unknown, ok, suspect, broken; reason: of this state. held: broken, but not acted upon.
-- pin: primary (never another), backup (never this one).
CREATE TABLE destinations (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'ok', 'suspect', 'broken')),
    state_since INTEGER NOT NULL,
    reason TEXT,
    held INTEGER NOT NULL DEFAULT 0,
    pin TEXT CHECK (pin IN ('primary', 'backup')),
    pinned_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    pinned_at INTEGER,
    last_evaluation_id BLOB,
    last_checked_at INTEGER,
    last_verdict TEXT,
    last_reason TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    down INTEGER NOT NULL GENERATED ALWAYS AS
        (CASE pin WHEN 'backup' THEN 1 WHEN 'primary' THEN 0 ELSE state = 'broken' AND NOT held END) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX destinations_url ON destinations (workspace_id, url);
CREATE INDEX destinations_down ON destinations (id) WHERE down;
CREATE INDEX destinations_attention ON destinations (workspace_id, state_since)
    WHERE state IN ('suspect', 'broken') OR pin IS NOT NULL;
CREATE INDEX destinations_checked ON destinations (last_checked_at);

-- Every destination of a link that is not deleted. is_primary: in some place it is not only a backup.
CREATE TABLE link_destinations (
    link_id BLOB NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    destination_id BLOB NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    is_primary INTEGER NOT NULL,
    PRIMARY KEY (link_id, destination_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_destinations_destination ON link_destinations (destination_id);

INSERT INTO destinations (id, workspace_id, url, state_since, created_at, updated_at)
SELECT unhex(printf('%012x', min(created_at)) || '7' || substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(8)), 2)),
    workspace_id, url, min(created_at), min(created_at), min(created_at)
FROM (
    SELECT workspace_id, url, created_at FROM links WHERE deleted_at IS NULL
    UNION ALL
    SELECT workspace_id, country.value, created_at FROM links, json_each(geo) AS country WHERE deleted_at IS NULL
    UNION ALL
    SELECT workspace_id, json_extract(destination.value, '$.url'), created_at
    FROM links, json_each(rules) AS rule, json_each(rule.value, '$.destinations') AS destination WHERE deleted_at IS NULL
)
GROUP BY workspace_id, url;

INSERT INTO link_destinations (link_id, destination_id, is_primary)
SELECT DISTINCT link_id, destinations.id, 1
FROM (
    SELECT id AS link_id, workspace_id, url FROM links WHERE deleted_at IS NULL
    UNION ALL
    SELECT links.id, workspace_id, country.value FROM links, json_each(geo) AS country WHERE deleted_at IS NULL
    UNION ALL
    SELECT links.id, workspace_id, json_extract(destination.value, '$.url')
    FROM links, json_each(rules) AS rule, json_each(rule.value, '$.destinations') AS destination WHERE deleted_at IS NULL
) AS used
JOIN destinations ON destinations.workspace_id = used.workspace_id AND destinations.url = used.url;

-- One check of a destination. trigger: click, schedule, confirmation, manual. failure: hard or transient, of BROKEN.
-- judged: verdict, reason, confidence and decided_by as they were before somebody overrode them. artifacts: keys and hashes.
CREATE TABLE evaluations (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    destination_id BLOB NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    link_id BLOB REFERENCES links (id) ON DELETE SET NULL,
    url TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('AVAILABLE', 'NOT_AVAILABLE', 'UNKNOWN', 'BROKEN')),
    failure TEXT CHECK (failure IN ('hard', 'transient')),
    reason TEXT NOT NULL,
    confidence REAL NOT NULL,
    decided_by TEXT NOT NULL CHECK (decided_by IN ('rules', 'ai', 'override')),
    evidence TEXT NOT NULL DEFAULT '[]',
    http_status INTEGER,
    final_url TEXT,
    redirects TEXT NOT NULL DEFAULT '[]',
    nav_error TEXT,
    guard_denied TEXT,
    title TEXT,
    lang TEXT,
    content_hash TEXT,
    requests INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    timings TEXT NOT NULL DEFAULT '{}',
    browser_version TEXT,
    rules_version TEXT,
    ai TEXT,
    artifacts TEXT NOT NULL DEFAULT '[]',
    judged TEXT,
    overridden_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    overridden_at INTEGER
) STRICT;
CREATE INDEX evaluations_workspace ON evaluations (workspace_id, id);
CREATE INDEX evaluations_destination ON evaluations (destination_id, id);
CREATE INDEX evaluations_available ON evaluations (destination_id, id) WHERE verdict = 'AVAILABLE';
CREATE INDEX evaluations_link ON evaluations (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX evaluations_artifacts ON evaluations (id) WHERE artifacts <> '[]';

-- What became of a destination, and when. kind: suspect, broken, recovered, held, released, pinned, unpinned.
CREATE TABLE health_changes (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    destination_id BLOB NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    evaluation_id BLOB,
    kind TEXT NOT NULL,
    reason TEXT,
    links INTEGER NOT NULL,
    user_id BLOB REFERENCES users (id) ON DELETE SET NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX health_changes_destination ON health_changes (destination_id, id);
CREATE INDEX health_changes_workspace ON health_changes (workspace_id, id);

-- Answers of a language model to the same question.
CREATE TABLE ai_judgements (
    key_hash BLOB NOT NULL PRIMARY KEY,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ai_judgements_created ON ai_judgements (created_at);

-- day: its first millisecond, UTC.
CREATE TABLE evaluation_budgets (
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    checks INTEGER NOT NULL DEFAULT 0,
    ai_calls INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, day)
) STRICT, WITHOUT ROWID;

-- Times at which so many destinations broke at once that no link was led elsewhere. At most one lasts.
CREATE TABLE health_freezes (
    id BLOB NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    broken INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    lifted_at INTEGER,
    lifted_by BLOB REFERENCES users (id) ON DELETE SET NULL
) STRICT;
CREATE UNIQUE INDEX health_freezes_present ON health_freezes ((lifted_at IS NULL)) WHERE lifted_at IS NULL;

-- events: a JSON list of their names. failing_since: of the first failure since the last success.
CREATE TABLE webhook_endpoints (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('standard', 'slack')),
    enabled INTEGER NOT NULL DEFAULT 1,
    disabled_reason TEXT,
    failing_since INTEGER,
    created_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_endpoints_workspace ON webhook_endpoints (workspace_id, id);

CREATE TABLE webhook_deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error TEXT,
    last_attempt_at INTEGER,
    delivered_at INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (endpoint_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);

-- What a member is told by mail: instant, digest, off. Who has no row has the defaults.
CREATE TABLE notification_settings (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    destination_broken TEXT NOT NULL CHECK (destination_broken IN ('instant', 'digest', 'off')),
    destination_recovered TEXT NOT NULL CHECK (destination_recovered IN ('instant', 'digest', 'off')),
    digest_sent_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, workspace_id)
) STRICT, WITHOUT ROWID;
