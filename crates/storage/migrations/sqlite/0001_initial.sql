-- The first schema. Its twin is migrations/postgres/0001_initial.sql; a test compares them column by column.
-- Never edited once landed: later changes are later files.
--
-- Instants are milliseconds since 1970 in UTC, from the server's clock. JSON is text and never queried here.
-- Every column ends with the class of personal values it may hold:
--   none        nothing about a person
--   reference   ids and words that lead to a person only through another row; kept at erasure
--   identity    names, numbers and tags that tell who a person is; removed at erasure
--   contact     ways to reach a person; removed at erasure
--   credential  what lets a person or a program in; digests and hashes included
--   content     what a person wrote or answered; removed at erasure
--   result      figures derived from answers; kept at erasure
--   grouping    group and labels; removed at erasure if asked for
--   remark      free text by staff, may name a person

CREATE TABLE installation (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), -- none: there is one row
    epoch TEXT NOT NULL, -- none: random, part of cursors and tags
    receipt_key BLOB NOT NULL, -- credential: signs receipts
    created_at INTEGER NOT NULL -- none
) STRICT;

CREATE TABLE organization (
    id TEXT PRIMARY KEY NOT NULL, -- none
    name TEXT NOT NULL, -- none
    last_ordinal INTEGER NOT NULL, -- none: the last ordinal given to a user, test or task
    created_at INTEGER NOT NULL -- none
) STRICT;

CREATE TABLE api_key (
    id TEXT PRIMARY KEY NOT NULL, -- reference
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    name TEXT NOT NULL, -- remark
    scopes TEXT NOT NULL, -- none: JSON list of words
    task_ids TEXT, -- none: JSON list of ids, or all tasks
    folders TEXT, -- none: JSON list of texts, or all folders
    created_at INTEGER NOT NULL, -- none
    expires_at INTEGER, -- none
    revoked_at INTEGER, -- none
    last_used_at INTEGER -- none
) STRICT;
CREATE INDEX api_key_by_organization ON api_key (organization_id, created_at, id);

CREATE TABLE api_key_secret (
    hash BLOB PRIMARY KEY NOT NULL, -- credential: SHA-256 of a random secret
    key_id TEXT NOT NULL REFERENCES api_key (id), -- reference
    created_at INTEGER NOT NULL, -- none
    expires_at INTEGER -- none
) STRICT;
CREATE INDEX api_key_secret_by_key ON api_key_secret (key_id);

CREATE TABLE user_account (
    id TEXT PRIMARY KEY NOT NULL, -- reference
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    ordinal INTEGER NOT NULL, -- none: creation order in the organization
    username TEXT NOT NULL, -- identity
    fullname TEXT, -- identity
    email TEXT, -- contact
    folder TEXT NOT NULL, -- grouping
    group_name TEXT NOT NULL, -- grouping
    labels TEXT NOT NULL, -- grouping: JSON list
    tags TEXT NOT NULL, -- identity: JSON object
    favorite INTEGER NOT NULL CHECK (favorite IN (0, 1)), -- none
    active INTEGER NOT NULL CHECK (active IN (0, 1)), -- none
    roles TEXT NOT NULL, -- none: JSON list of words
    created_at INTEGER NOT NULL -- none
) STRICT;
CREATE UNIQUE INDEX user_account_by_name ON user_account (organization_id, username);
CREATE UNIQUE INDEX user_account_by_ordinal ON user_account (organization_id, ordinal);

CREATE TABLE document (
    digest BLOB PRIMARY KEY NOT NULL, -- none: SHA-256 of the body
    body TEXT NOT NULL -- none: a test document, which holds no persons
) STRICT;

CREATE TABLE test (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    ordinal INTEGER NOT NULL, -- none: creation order in the organization
    uuid TEXT NOT NULL, -- none
    key TEXT NOT NULL, -- none
    title TEXT NOT NULL, -- none
    folder TEXT NOT NULL, -- none
    labels TEXT NOT NULL, -- none: JSON list
    digest BLOB NOT NULL REFERENCES document (digest), -- none: the latest version's document
    version INTEGER NOT NULL, -- none: from 1
    created_at INTEGER NOT NULL, -- none
    updated_at INTEGER NOT NULL, -- none
    archived_at INTEGER -- none
) STRICT;
CREATE UNIQUE INDEX test_by_ordinal ON test (organization_id, ordinal);

CREATE TABLE test_version (
    test_id TEXT NOT NULL REFERENCES test (id), -- none
    number INTEGER NOT NULL, -- none: from 1
    digest BLOB NOT NULL REFERENCES document (digest), -- none
    created_at INTEGER NOT NULL, -- none
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    PRIMARY KEY (test_id, number)
) STRICT;

CREATE TABLE task (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    ordinal INTEGER NOT NULL, -- none: creation order in the organization
    revision INTEGER NOT NULL, -- none: changes of instances so far
    revised_at INTEGER NOT NULL, -- none: when the revision was reached
    instance_count INTEGER NOT NULL, -- none: the last instance's ordinal
    candidate_count INTEGER NOT NULL, -- none: the last candidate's ordinal, deleted ones included
    title TEXT NOT NULL, -- none
    active INTEGER NOT NULL CHECK (active IN (0, 1)), -- none
    active_after INTEGER, -- none
    active_before INTEGER, -- none
    access_method TEXT NOT NULL, -- none
    lang TEXT NOT NULL, -- none
    folder TEXT NOT NULL, -- none
    favorite INTEGER NOT NULL CHECK (favorite IN (0, 1)), -- none
    labels TEXT NOT NULL, -- none: JSON list
    tags TEXT NOT NULL, -- none: JSON object
    programs TEXT NOT NULL, -- none: JSON list
    stages TEXT NOT NULL, -- none: JSON list
    access_form TEXT, -- none: JSON, the questions, not the answers
    email_templates TEXT NOT NULL, -- none: JSON list
    created_at INTEGER NOT NULL -- none
) STRICT;
CREATE UNIQUE INDEX task_by_ordinal ON task (organization_id, ordinal);

CREATE TABLE step (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    position INTEGER NOT NULL, -- none: delivery order in the task
    test_id TEXT NOT NULL REFERENCES test (id), -- none
    title TEXT NOT NULL, -- none
    active INTEGER NOT NULL CHECK (active IN (0, 1)), -- none
    active_after INTEGER, -- none
    active_before INTEGER, -- none
    attempt_limit INTEGER NOT NULL, -- none: -1 is unlimited
    settings TEXT NOT NULL -- none: JSON object
) STRICT;
CREATE UNIQUE INDEX step_by_position ON step (task_id, position);

CREATE TABLE candidate (
    id TEXT PRIMARY KEY NOT NULL, -- reference
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    ordinal INTEGER NOT NULL, -- none: creation order in the task
    kind TEXT NOT NULL, -- none
    user_id TEXT REFERENCES user_account (id), -- reference: for kind user
    source TEXT NOT NULL, -- none
    fullname TEXT, -- identity
    email TEXT, -- contact
    uniq_id TEXT, -- identity
    uniq_scope TEXT, -- none
    credential1 TEXT, -- credential
    credential1_exclusive INTEGER NOT NULL CHECK (credential1_exclusive IN (0, 1)), -- none: no other candidate of the task may have it
    credential2_hash TEXT, -- credential: Argon2id
    invitation_code TEXT, -- credential: removed at erasure
    external_id TEXT, -- identity
    external_data TEXT, -- identity: JSON object
    lang TEXT, -- none
    active INTEGER NOT NULL CHECK (active IN (0, 1)), -- none
    active_after INTEGER, -- none
    active_before INTEGER, -- none
    time_factor TEXT NOT NULL, -- identity: a decimal; tells of an accommodation
    group_name TEXT NOT NULL, -- grouping
    labels TEXT NOT NULL, -- grouping: JSON list
    tags TEXT NOT NULL, -- identity: JSON object
    stage TEXT, -- none
    programs TEXT NOT NULL, -- none: JSON list
    rating INTEGER, -- remark
    favorite INTEGER NOT NULL CHECK (favorite IN (0, 1)), -- none
    notes TEXT, -- remark
    logged_in INTEGER NOT NULL CHECK (logged_in IN (0, 1)), -- none
    extra_emails TEXT NOT NULL, -- contact: JSON list
    price TEXT, -- none: JSON object
    callback TEXT, -- contact: JSON object
    room_form TEXT, -- content: JSON object
    step_overrides TEXT NOT NULL, -- none: JSON object by step id
    created_at INTEGER NOT NULL, -- none
    last_activity_at INTEGER, -- none
    erased_at INTEGER -- none
) STRICT;
CREATE UNIQUE INDEX candidate_by_ordinal ON candidate (task_id, ordinal);
CREATE UNIQUE INDEX candidate_by_code ON candidate (invitation_code);
CREATE UNIQUE INDEX candidate_by_exclusive_credential ON candidate (task_id, credential1) WHERE credential1_exclusive;
CREATE INDEX candidate_by_fullname ON candidate (task_id, fullname, ordinal) WHERE fullname IS NOT NULL;
CREATE INDEX candidate_by_email ON candidate (task_id, email, ordinal) WHERE email IS NOT NULL;
CREATE INDEX candidate_by_uniq_id ON candidate (task_id, uniq_id, ordinal) WHERE uniq_id IS NOT NULL;
CREATE INDEX candidate_by_credential ON candidate (task_id, credential1, ordinal) WHERE credential1 IS NOT NULL;
CREATE INDEX candidate_by_user ON candidate (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE login_session (
    token_hash BLOB PRIMARY KEY NOT NULL, -- credential: SHA-256 of a random token
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    candidate_id TEXT NOT NULL REFERENCES candidate (id), -- reference
    created_at INTEGER NOT NULL, -- none
    ended_at INTEGER -- none
) STRICT;
CREATE INDEX login_session_by_candidate ON login_session (candidate_id);

-- What a basic page reads stands first and what only a detailed page reads stands last: a long row spills from its end.
CREATE TABLE instance (
    id TEXT PRIMARY KEY NOT NULL, -- reference
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    step_id TEXT NOT NULL REFERENCES step (id), -- none
    candidate_id TEXT NOT NULL REFERENCES candidate (id), -- reference
    ordinal INTEGER NOT NULL, -- none: dense in the task, from 1
    revision INTEGER NOT NULL, -- none: the task's at the last change
    change_kind TEXT NOT NULL, -- none: the last change
    changed_at INTEGER NOT NULL, -- none
    state TEXT NOT NULL, -- result
    ignored INTEGER NOT NULL CHECK (ignored IN (0, 1)), -- none
    closing TEXT, -- result
    candidate_kind TEXT NOT NULL, -- none
    owner_id TEXT NOT NULL, -- reference: user or candidate
    started_at INTEGER NOT NULL, -- result
    completed_at INTEGER, -- result
    due_at INTEGER, -- result: when it completes by itself; none when closed or without limit
    erased_at INTEGER, -- none
    result_number INTEGER NOT NULL, -- none: the latest result version, 0 is none
    waiting INTEGER NOT NULL, -- result: slots waiting for evaluation
    engine_version TEXT NOT NULL, -- none
    result_basic TEXT, -- result: JSON, ready to send
    document_digest BLOB NOT NULL REFERENCES document (digest), -- none: the frozen document
    seed BLOB NOT NULL, -- none
    time_factor TEXT NOT NULL, -- identity: a decimal; tells of an accommodation
    external_id TEXT, -- identity
    folder TEXT NOT NULL, -- none
    group_name TEXT NOT NULL, -- grouping
    labels TEXT NOT NULL, -- grouping: JSON list
    tags TEXT NOT NULL, -- identity: JSON object
    delivery TEXT NOT NULL, -- result: JSON, pages entered and locked, clocks
    result_detailed TEXT -- result: JSON, ready to send
) STRICT;
CREATE UNIQUE INDEX instance_by_ordinal ON instance (task_id, ordinal);
CREATE UNIQUE INDEX instance_by_revision ON instance (task_id, revision);
CREATE INDEX instance_by_candidate ON instance (candidate_id, ordinal);
CREATE INDEX instance_by_owner ON instance (task_id, owner_id, ordinal) WHERE owner_id <> candidate_id;
CREATE INDEX instance_by_external_id ON instance (task_id, external_id, ordinal) WHERE external_id IS NOT NULL;
CREATE INDEX instance_by_due ON instance (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX instance_by_waiting ON instance (organization_id, task_id, ordinal) WHERE waiting > 0;
CREATE INDEX instance_by_open_step ON instance (step_id, ordinal) WHERE state <> 'COMPLETE';
CREATE UNIQUE INDEX instance_open_once ON instance (candidate_id, step_id) WHERE state <> 'COMPLETE';

CREATE TABLE answer (
    instance_id TEXT NOT NULL REFERENCES instance (id), -- reference
    slot INTEGER NOT NULL, -- none: from 1
    seq INTEGER NOT NULL, -- none: the kept one
    n INTEGER NOT NULL, -- none: the receipt that keeps the response
    PRIMARY KEY (instance_id, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    instance_id TEXT NOT NULL REFERENCES instance (id), -- reference
    n INTEGER NOT NULL, -- none: from 1
    slot INTEGER NOT NULL, -- none
    seq INTEGER NOT NULL, -- none
    response TEXT, -- content: JSON; removed at erasure
    received_at INTEGER NOT NULL, -- result
    digest BLOB, -- content: chained; removed at erasure
    PRIMARY KEY (instance_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
    instance_id TEXT NOT NULL REFERENCES instance (id), -- reference
    slot INTEGER NOT NULL, -- none
    given_kind TEXT NOT NULL, -- none: percentage, points or rubric
    given TEXT NOT NULL, -- result: JSON
    method TEXT NOT NULL, -- none
    comment TEXT, -- remark: removed at erasure
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    at INTEGER NOT NULL, -- none
    seq INTEGER NOT NULL, -- none: the answer it was made for
    PRIMARY KEY (instance_id, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE correction (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    step_id TEXT NOT NULL REFERENCES step (id), -- none
    number INTEGER NOT NULL, -- none: order of making in the step
    instance_id TEXT REFERENCES instance (id), -- reference: one instance, or all of the step
    question_key TEXT NOT NULL, -- none
    change TEXT NOT NULL, -- none: JSON
    reason TEXT NOT NULL, -- remark
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    at INTEGER NOT NULL, -- none
    withdrawn_at INTEGER -- none
) STRICT;
CREATE UNIQUE INDEX correction_by_number ON correction (step_id, number);

CREATE TABLE result_version (
    instance_id TEXT NOT NULL REFERENCES instance (id), -- reference
    number INTEGER NOT NULL, -- none: from 1
    at INTEGER NOT NULL, -- none
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    reason TEXT NOT NULL, -- none
    note TEXT, -- remark
    waiting INTEGER NOT NULL, -- result
    passed INTEGER CHECK (passed IN (0, 1)), -- result: none without a pass mark
    level TEXT, -- result
    inputs_digest BLOB NOT NULL, -- result
    engine_version TEXT NOT NULL, -- none
    slots TEXT NOT NULL, -- result: JSON, rate and points per slot
    detailed TEXT NOT NULL, -- result: JSON
    PRIMARY KEY (instance_id, number)
) STRICT;

CREATE TABLE event (
    chain TEXT NOT NULL, -- reference
    n INTEGER NOT NULL, -- none: from 1
    id TEXT NOT NULL, -- none
    at INTEGER NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    request_id TEXT, -- none
    kind TEXT NOT NULL, -- none
    subject TEXT NOT NULL, -- reference: JSON object of ids
    detail TEXT NOT NULL, -- none: JSON object of ids, field names and numbers
    revision INTEGER, -- none: the task's, if it rose
    digest BLOB NOT NULL, -- none: chained
    PRIMARY KEY (chain, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE client_token (
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    scope TEXT NOT NULL, -- reference: what the token was sent to
    token TEXT NOT NULL, -- none
    request_digest BLOB, -- content: SHA-256 of what was asked, where that is compared
    response TEXT NOT NULL, -- content: the first answer
    at INTEGER NOT NULL, -- none
    PRIMARY KEY (organization_id, scope, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_token_by_age ON client_token (at);
