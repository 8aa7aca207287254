-- Limits of delivery: how much is kept of one instance, and when log-in sessions of candidates end.
-- Its twin is migrations/postgres/0014_limits.sql.

ALTER TABLE receipt ADD COLUMN total_bytes INTEGER; -- content: bytes of this response and all before it; removed at erasure
ALTER TABLE login_session ADD COLUMN ends_at INTEGER NOT NULL DEFAULT 0; -- none
UPDATE login_session SET ends_at = created_at + 2592000000;
CREATE INDEX login_session_by_end ON login_session (ends_at) WHERE ended_at IS NULL;
