-- What a visitor was served in the place of a destination that was down. served_backup: which of its backups, from 0; NULL: none, but
-- another destination of the same rule, or what was meant. served_reason: broken, pinned; NULL: what was meant.
ALTER TABLE clicks ADD COLUMN served_backup SMALLINT;
ALTER TABLE clicks ADD COLUMN served_reason TEXT;
