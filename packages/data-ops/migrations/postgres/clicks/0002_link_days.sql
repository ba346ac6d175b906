-- What the clicks of a link on a day of UTC add up to, in one row: taking in a click then touches few pages.
-- clicks: people. tallies: hours and their countries, devices … packed; what does not fit is in click_rollups as before.
CREATE TABLE link_days (
    workspace_id UUID NOT NULL,
    day BIGINT NOT NULL,
    link_id UUID NOT NULL,
    clicks BIGINT NOT NULL,
    tallies BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, day, link_id)
);

-- Days of links were kept as rollups below the workspace, with the link as their value.
INSERT INTO link_days (workspace_id, day, link_id, clicks, tallies)
    SELECT scope_id, bucket, value::uuid, clicks, ''::bytea FROM click_rollups WHERE dimension = 22;
DELETE FROM click_rollups WHERE dimension IN (6, 22);

-- The first click of a person; of links clicked before this column, the beginning of its hour.
ALTER TABLE link_counters ADD COLUMN first_clicked_at BIGINT;
UPDATE link_counters SET first_clicked_at =
    (SELECT MIN(bucket) FROM click_rollups WHERE scope_id = link_id AND dimension = 0);
