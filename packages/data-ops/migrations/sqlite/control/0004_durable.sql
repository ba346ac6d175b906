-- What packages/durable keeps: jobs, objects, workflows and cron. Times are milliseconds since 1970; payloads, states and outputs are JSON.
-- due: by the service's clock. lease_until: by the database's own clock.

CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    version INTEGER NOT NULL,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease_until INTEGER,
    epoch INTEGER NOT NULL,
    unique_key TEXT,
    created_at INTEGER NOT NULL,
    last_error TEXT
) STRICT;
CREATE INDEX jobs_due ON jobs (queue, priority DESC, due_at);
CREATE UNIQUE INDEX jobs_unique_key ON jobs (queue, unique_key) WHERE unique_key IS NOT NULL;

CREATE TABLE dead_jobs (
    id BLOB NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    version INTEGER NOT NULL,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    error TEXT NOT NULL
) STRICT;
CREATE INDEX dead_jobs_queue ON dead_jobs (queue, failed_at);

-- Queues somebody has paused.
CREATE TABLE paused_queues (
    queue TEXT NOT NULL PRIMARY KEY,
    paused_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- version: how many messages and alarms it has handled; published_version: at which of them it last told its subscribers something.
-- alarm_set_at: what the clock showed when the alarm was set. parked: why the object takes no messages; parked_version: for which version of the class.
CREATE TABLE objects (
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    published_version INTEGER NOT NULL,
    alarm_at INTEGER,
    alarm_set_at INTEGER,
    alarm_attempts INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    parked TEXT,
    parked_version INTEGER,
    PRIMARY KEY (class, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX objects_alarm ON objects (class, alarm_at) WHERE alarm_at IS NOT NULL;
CREATE INDEX objects_parked ON objects (class, name) WHERE parked IS NOT NULL;

-- status: running (also while it sleeps or waits), paused, succeeded, failed, terminated, parked.
-- error: what it failed of; why it is parked, as JSON. events: how many were sent. node: who holds the lease.
-- interruptions: how often in a row a node left it without saying so.
CREATE TABLE workflows (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    input TEXT NOT NULL,
    status TEXT NOT NULL,
    output TEXT,
    error TEXT,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    node TEXT,
    epoch INTEGER NOT NULL,
    events INTEGER NOT NULL,
    interruptions INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX workflows_due ON workflows (kind, due_at) WHERE status = 'running' AND lease_until IS NULL;
CREATE INDEX workflows_leased ON workflows (kind, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX workflows_finished ON workflows (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX workflows_listed ON workflows (kind, created_at, id);
CREATE INDEX workflows_open ON workflows (kind, status) WHERE finished_at IS NULL;

-- One row for each kind whose concurrency is limited: held by whoever counts and claims.
CREATE TABLE workflow_limits (
    kind TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- status: retrying, sleeping, waiting, succeeded, timed_out, failed. position: the how manyeth of the function's steps it was.
CREATE TABLE workflow_steps (
    workflow_id TEXT NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    output TEXT,
    error TEXT,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (workflow_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow_events (
    workflow_id TEXT NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (workflow_id, name)
) STRICT, WITHOUT ROWID;

-- done: the runs that were started, as intervals of their due times (JSON).
CREATE TABLE crons (
    name TEXT NOT NULL PRIMARY KEY,
    schedule TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    paused INTEGER NOT NULL,
    done TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- outcome: started, skipped, asked (by hand).
CREATE TABLE cron_runs (
    name TEXT NOT NULL REFERENCES crons (name) ON DELETE CASCADE,
    due_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (name, due_at)
) STRICT, WITHOUT ROWID;
