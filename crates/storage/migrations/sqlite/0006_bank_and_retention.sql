-- The question bank, an organization's library of questions; and how long tasks keep persons. Its twin is
-- migrations/postgres/0006_bank_and_retention.sql.

CREATE TABLE bank_question (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    ordinal INTEGER NOT NULL, -- none: creation order in the organization
    uuid TEXT NOT NULL, -- none
    key TEXT NOT NULL, -- none
    kind TEXT NOT NULL, -- none
    text TEXT NOT NULL, -- none: of the latest version, for lists
    folder TEXT NOT NULL, -- none
    labels TEXT NOT NULL, -- none: JSON list
    tags TEXT NOT NULL, -- none: JSON object, the latest version's
    digest BLOB NOT NULL REFERENCES document (digest), -- none: the latest version's document
    version INTEGER NOT NULL, -- none: from 1
    submitted_kind TEXT NOT NULL, -- none
    submitted_by TEXT, -- reference
    created_at INTEGER NOT NULL, -- none
    updated_at INTEGER NOT NULL, -- none
    approved_at INTEGER, -- none
    archived_at INTEGER -- none
) STRICT;
CREATE UNIQUE INDEX bank_question_by_ordinal ON bank_question (organization_id, ordinal);
CREATE UNIQUE INDEX bank_question_by_uuid ON bank_question (organization_id, uuid);
CREATE INDEX bank_question_by_folder ON bank_question (organization_id, folder, ordinal);

CREATE TABLE bank_question_version (
    question_id TEXT NOT NULL REFERENCES bank_question (id), -- none
    number INTEGER NOT NULL, -- none: from 1
    digest BLOB NOT NULL REFERENCES document (digest), -- none
    created_at INTEGER NOT NULL, -- none
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    PRIMARY KEY (question_id, number)
) STRICT;

-- Tasks whose candidates are erased some time after their last activity.
CREATE TABLE task_retention (
    task_id TEXT PRIMARY KEY NOT NULL REFERENCES task (id), -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    erase_after_days INTEGER NOT NULL -- none
) STRICT;
