-- Destinations that are watched: their health, the checks of them, who is told. JSON columns are TEXT.

-- Where a link leads while its own destination is down; which of its destinations are watched, and what a click is worth.
-- backup_urls: a list; geo_backup_urls: country to list; those of rules are within rules. monitor_phrases: words that decide.
ALTER TABLE links ADD COLUMN backup_urls TEXT;
ALTER TABLE links ADD COLUMN geo_backup_urls TEXT;
ALTER TABLE links ADD COLUMN monitor_enabled BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE links ADD COLUMN monitor_interval_s BIGINT;
ALTER TABLE links ADD COLUMN monitor_phrases TEXT;
ALTER TABLE links ADD COLUMN click_value_minor BIGINT;
ALTER TABLE links ADD COLUMN click_value_currency TEXT;
-- When the health of a destination last changed where the link leads: no edit of its owner, but a change to whoever redirects.
-- The trigger of changed_at stamps it like any other update.
ALTER TABLE links ADD COLUMN routed_at BIGINT NOT NULL DEFAULT 0;

-- A URL within a workspace. state: unknown, ok, suspect, broken; reason: of this state. held: broken, but not acted upon.
-- pin: primary (never another), backup (never this one).
CREATE TABLE destinations (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'ok', 'suspect', 'broken')),
    state_since BIGINT NOT NULL,
    reason TEXT,
    held BOOLEAN NOT NULL DEFAULT FALSE,
    pin TEXT CHECK (pin IN ('primary', 'backup')),
    pinned_by UUID REFERENCES users (id) ON DELETE SET NULL,
    pinned_at BIGINT,
    last_evaluation_id UUID,
    last_checked_at BIGINT,
    last_verdict TEXT,
    last_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    down BOOLEAN NOT NULL GENERATED ALWAYS AS
        (CASE pin WHEN 'backup' THEN TRUE WHEN 'primary' THEN FALSE ELSE state = 'broken' AND NOT held END) STORED,
    -- URLs can be longer than what fits an index.
    url_key BYTEA NOT NULL GENERATED ALWAYS AS (sha256(decode(replace(url, '\', '\\'), 'escape'))) STORED
);
CREATE UNIQUE INDEX destinations_url ON destinations (workspace_id, url_key);
CREATE INDEX destinations_down ON destinations (id) WHERE down;
CREATE INDEX destinations_attention ON destinations (workspace_id, state_since)
    WHERE state IN ('suspect', 'broken') OR pin IS NOT NULL;
CREATE INDEX destinations_checked ON destinations (last_checked_at NULLS FIRST);

-- Every destination of a link that is not deleted. is_primary: in some place it is not only a backup.
CREATE TABLE link_destinations (
    link_id UUID NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    destination_id UUID NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    is_primary BOOLEAN NOT NULL,
    PRIMARY KEY (link_id, destination_id)
);
CREATE INDEX link_destinations_destination ON link_destinations (destination_id);

INSERT INTO destinations (id, workspace_id, url, state_since, created_at, updated_at)
SELECT (lpad(to_hex(min(created_at)), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
    workspace_id, url, min(created_at), min(created_at), min(created_at)
FROM (
    SELECT workspace_id, url, created_at FROM links WHERE deleted_at IS NULL
    UNION ALL
    SELECT workspace_id, country.value, created_at
    FROM links, jsonb_each_text(geo::jsonb) AS country WHERE deleted_at IS NULL
    UNION ALL
    SELECT workspace_id, destination ->> 'url', created_at
    FROM links, jsonb_array_elements(rules::jsonb) AS rule, jsonb_array_elements(rule -> 'destinations') AS destination
    WHERE deleted_at IS NULL
) AS used
GROUP BY workspace_id, url;

INSERT INTO link_destinations (link_id, destination_id, is_primary)
SELECT DISTINCT link_id, destinations.id, TRUE
FROM (
    SELECT id AS link_id, workspace_id, url FROM links WHERE deleted_at IS NULL
    UNION ALL
    SELECT links.id, workspace_id, country.value
    FROM links, jsonb_each_text(geo::jsonb) AS country WHERE deleted_at IS NULL
    UNION ALL
    SELECT links.id, workspace_id, destination ->> 'url'
    FROM links, jsonb_array_elements(rules::jsonb) AS rule, jsonb_array_elements(rule -> 'destinations') AS destination
    WHERE deleted_at IS NULL
) AS used
JOIN destinations ON destinations.workspace_id = used.workspace_id
    AND destinations.url_key = sha256(decode(replace(used.url, '\', '\\'), 'escape'));

-- One check of a destination. trigger: click, schedule, confirmation, manual. failure: hard or transient, of BROKEN.
-- judged: verdict, reason, confidence and decided_by as they were before somebody overrode them. artifacts: keys and hashes.
CREATE TABLE evaluations (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    destination_id UUID NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    link_id UUID REFERENCES links (id) ON DELETE SET NULL,
    url TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('AVAILABLE', 'NOT_AVAILABLE', 'UNKNOWN', 'BROKEN')),
    failure TEXT CHECK (failure IN ('hard', 'transient')),
    reason TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    decided_by TEXT NOT NULL CHECK (decided_by IN ('rules', 'ai', 'override')),
    evidence TEXT NOT NULL DEFAULT '[]',
    http_status BIGINT,
    final_url TEXT,
    redirects TEXT NOT NULL DEFAULT '[]',
    nav_error TEXT,
    guard_denied TEXT,
    title TEXT,
    lang TEXT,
    content_hash TEXT,
    requests BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    timings TEXT NOT NULL DEFAULT '{}',
    browser_version TEXT,
    rules_version TEXT,
    ai TEXT,
    artifacts TEXT NOT NULL DEFAULT '[]',
    judged TEXT,
    overridden_by UUID REFERENCES users (id) ON DELETE SET NULL,
    overridden_at BIGINT
);
CREATE INDEX evaluations_workspace ON evaluations (workspace_id, id);
CREATE INDEX evaluations_destination ON evaluations (destination_id, id);
CREATE INDEX evaluations_available ON evaluations (destination_id, id) WHERE verdict = 'AVAILABLE';
CREATE INDEX evaluations_link ON evaluations (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX evaluations_artifacts ON evaluations (id) WHERE artifacts <> '[]';

-- What became of a destination, and when. kind: suspect, broken, recovered, held, released, pinned, unpinned.
CREATE TABLE health_changes (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    destination_id UUID NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    evaluation_id UUID,
    kind TEXT NOT NULL,
    reason TEXT,
    links BIGINT NOT NULL,
    user_id UUID REFERENCES users (id) ON DELETE SET NULL,
    at BIGINT NOT NULL
);
CREATE INDEX health_changes_destination ON health_changes (destination_id, id);
CREATE INDEX health_changes_workspace ON health_changes (workspace_id, id);

-- Answers of a language model to the same question.
CREATE TABLE ai_judgements (
    key_hash BYTEA NOT NULL PRIMARY KEY,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX ai_judgements_created ON ai_judgements (created_at);

-- day: its first millisecond, UTC.
CREATE TABLE evaluation_budgets (
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    checks BIGINT NOT NULL DEFAULT 0,
    ai_calls BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, day)
);

-- Times at which so many destinations broke at once that no link was led elsewhere. At most one lasts.
CREATE TABLE health_freezes (
    id UUID NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    broken BIGINT NOT NULL,
    checked BIGINT NOT NULL,
    lifted_at BIGINT,
    lifted_by UUID REFERENCES users (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX health_freezes_present ON health_freezes ((lifted_at IS NULL)) WHERE lifted_at IS NULL;

-- events: a JSON list of their names. failing_since: of the first failure since the last success.
CREATE TABLE webhook_endpoints (
    id UUID NOT NULL PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('standard', 'slack')),
    enabled BOOLEAN NOT NULL DEFAULT TRUE,
    disabled_reason TEXT,
    failing_since BIGINT,
    created_by UUID REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_workspace ON webhook_endpoints (workspace_id, id);

CREATE TABLE webhook_deliveries (
    id UUID NOT NULL PRIMARY KEY,
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    last_status BIGINT,
    last_error TEXT,
    last_attempt_at BIGINT,
    delivered_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);

-- What a member is told by mail: instant, digest, off. Who has no row has the defaults.
CREATE TABLE notification_settings (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    destination_broken TEXT NOT NULL CHECK (destination_broken IN ('instant', 'digest', 'off')),
    destination_recovered TEXT NOT NULL CHECK (destination_recovered IN ('instant', 'digest', 'off')),
    digest_sent_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, workspace_id)
);
