-- The question bank, an organization's library of questions; and how long tasks keep persons. Its twin is
-- migrations/sqlite/0006_bank_and_retention.sql.

CREATE TABLE bank_question (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    ordinal bigint NOT NULL, -- none: creation order in the organization
    uuid text COLLATE "C" NOT NULL, -- none
    key text COLLATE "C" NOT NULL, -- none
    kind text COLLATE "C" NOT NULL, -- none
    text text COLLATE "C" NOT NULL, -- none: of the latest version, for lists
    folder text COLLATE "C" NOT NULL, -- none
    labels text COLLATE "C" NOT NULL, -- none: JSON list
    tags text COLLATE "C" NOT NULL, -- none: JSON object, the latest version's
    digest bytea NOT NULL REFERENCES document (digest), -- none: the latest version's document
    version bigint NOT NULL, -- none: from 1
    submitted_kind text COLLATE "C" NOT NULL, -- none
    submitted_by text COLLATE "C", -- reference
    created_at bigint NOT NULL, -- none
    updated_at bigint NOT NULL, -- none
    approved_at bigint, -- none
    archived_at bigint -- none
);
CREATE UNIQUE INDEX bank_question_by_ordinal ON bank_question (organization_id, ordinal);
CREATE UNIQUE INDEX bank_question_by_uuid ON bank_question (organization_id, uuid);
CREATE INDEX bank_question_by_folder ON bank_question (organization_id, folder, ordinal);

CREATE TABLE bank_question_version (
    question_id text COLLATE "C" NOT NULL REFERENCES bank_question (id), -- none
    number bigint NOT NULL, -- none: from 1
    digest bytea NOT NULL REFERENCES document (digest), -- none
    created_at bigint NOT NULL, -- none
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    PRIMARY KEY (question_id, number)
);

-- Tasks whose candidates are erased some time after their last activity.
CREATE TABLE task_retention (
    task_id text COLLATE "C" PRIMARY KEY NOT NULL REFERENCES task (id), -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    erase_after_days bigint NOT NULL -- none
);
