-- Staff: how users sign in, and their log-in sessions. Its twin is migrations/postgres/0005_staff.sql.

ALTER TABLE user_account ADD COLUMN password_hash TEXT; -- credential: Argon2id; removed at erasure
ALTER TABLE user_account ADD COLUMN chosen_permissions TEXT; -- none: JSON, what a joker may do and where

-- One browser in which a user is signed in.
CREATE TABLE staff_session (
    id TEXT PRIMARY KEY NOT NULL, -- none
    token_hash BLOB NOT NULL, -- credential: SHA-256 of a random token
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    user_id TEXT NOT NULL REFERENCES user_account (id), -- reference
    client TEXT NOT NULL, -- identity: what the browser calls itself; emptied at erasure
    created_at INTEGER NOT NULL, -- none
    seen_at INTEGER NOT NULL, -- none: about when it was last used
    ended_at INTEGER -- none
) STRICT;
CREATE UNIQUE INDEX staff_session_by_token ON staff_session (token_hash);
CREATE INDEX staff_session_by_user ON staff_session (user_id, created_at);
