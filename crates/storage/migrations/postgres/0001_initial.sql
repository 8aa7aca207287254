-- The first schema. Its twin is migrations/sqlite/0001_initial.sql; a test compares them column by column.
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
    id bigint PRIMARY KEY NOT NULL CHECK (id = 1), -- none: there is one row
    epoch text COLLATE "C" NOT NULL, -- none: random, part of cursors and tags
    receipt_key bytea NOT NULL, -- credential: signs receipts
    created_at bigint NOT NULL -- none
);

CREATE TABLE organization (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    name text COLLATE "C" NOT NULL, -- none
    last_ordinal bigint NOT NULL, -- none: the last ordinal given to a user, test or task
    created_at bigint NOT NULL -- none
);

CREATE TABLE api_key (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- reference
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    name text COLLATE "C" NOT NULL, -- remark
    scopes text COLLATE "C" NOT NULL, -- none: JSON list of words
    task_ids text COLLATE "C", -- none: JSON list of ids, or all tasks
    folders text COLLATE "C", -- none: JSON list of texts, or all folders
    created_at bigint NOT NULL, -- none
    expires_at bigint, -- none
    revoked_at bigint, -- none
    last_used_at bigint -- none
);
CREATE INDEX api_key_by_organization ON api_key (organization_id, created_at, id);

CREATE TABLE api_key_secret (
    hash bytea PRIMARY KEY NOT NULL, -- credential: SHA-256 of a random secret
    key_id text COLLATE "C" NOT NULL REFERENCES api_key (id), -- reference
    created_at bigint NOT NULL, -- none
    expires_at bigint -- none
);
CREATE INDEX api_key_secret_by_key ON api_key_secret (key_id);

CREATE TABLE user_account (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- reference
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    ordinal bigint NOT NULL, -- none: creation order in the organization
    username text COLLATE "C" NOT NULL, -- identity
    fullname text COLLATE "C", -- identity
    email text COLLATE "C", -- contact
    folder text COLLATE "C" NOT NULL, -- grouping
    group_name text COLLATE "C" NOT NULL, -- grouping
    labels text COLLATE "C" NOT NULL, -- grouping: JSON list
    tags text COLLATE "C" NOT NULL, -- identity: JSON object
    favorite boolean NOT NULL, -- none
    active boolean NOT NULL, -- none
    roles text COLLATE "C" NOT NULL, -- none: JSON list of words
    created_at bigint NOT NULL -- none
);
CREATE UNIQUE INDEX user_account_by_name ON user_account (organization_id, username);
CREATE UNIQUE INDEX user_account_by_ordinal ON user_account (organization_id, ordinal);

CREATE TABLE document (
    digest bytea PRIMARY KEY NOT NULL, -- none: SHA-256 of the body
    body text COLLATE "C" NOT NULL -- none: a test document, which holds no persons
);

CREATE TABLE test (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    ordinal bigint NOT NULL, -- none: creation order in the organization
    uuid text COLLATE "C" NOT NULL, -- none
    key text COLLATE "C" NOT NULL, -- none
    title text COLLATE "C" NOT NULL, -- none
    folder text COLLATE "C" NOT NULL, -- none
    labels text COLLATE "C" NOT NULL, -- none: JSON list
    digest bytea NOT NULL REFERENCES document (digest), -- none: the latest version's document
    version bigint NOT NULL, -- none: from 1
    created_at bigint NOT NULL, -- none
    updated_at bigint NOT NULL, -- none
    archived_at bigint -- none
);
CREATE UNIQUE INDEX test_by_ordinal ON test (organization_id, ordinal);

CREATE TABLE test_version (
    test_id text COLLATE "C" NOT NULL REFERENCES test (id), -- none
    number bigint NOT NULL, -- none: from 1
    digest bytea NOT NULL REFERENCES document (digest), -- none
    created_at bigint NOT NULL, -- none
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    PRIMARY KEY (test_id, number)
);

CREATE TABLE task (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    ordinal bigint NOT NULL, -- none: creation order in the organization
    revision bigint NOT NULL, -- none: changes of instances so far
    revised_at bigint NOT NULL, -- none: when the revision was reached
    instance_count bigint NOT NULL, -- none: the last instance's ordinal
    candidate_count bigint NOT NULL, -- none: the last candidate's ordinal, deleted ones included
    title text COLLATE "C" NOT NULL, -- none
    active boolean NOT NULL, -- none
    active_after bigint, -- none
    active_before bigint, -- none
    access_method text COLLATE "C" NOT NULL, -- none
    lang text COLLATE "C" NOT NULL, -- none
    folder text COLLATE "C" NOT NULL, -- none
    favorite boolean NOT NULL, -- none
    labels text COLLATE "C" NOT NULL, -- none: JSON list
    tags text COLLATE "C" NOT NULL, -- none: JSON object
    programs text COLLATE "C" NOT NULL, -- none: JSON list
    stages text COLLATE "C" NOT NULL, -- none: JSON list
    access_form text COLLATE "C", -- none: JSON, the questions, not the answers
    email_templates text COLLATE "C" NOT NULL, -- none: JSON list
    created_at bigint NOT NULL -- none
);
CREATE UNIQUE INDEX task_by_ordinal ON task (organization_id, ordinal);

CREATE TABLE step (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    position bigint NOT NULL, -- none: delivery order in the task
    test_id text COLLATE "C" NOT NULL REFERENCES test (id), -- none
    title text COLLATE "C" NOT NULL, -- none
    active boolean NOT NULL, -- none
    active_after bigint, -- none
    active_before bigint, -- none
    attempt_limit bigint NOT NULL, -- none: -1 is unlimited
    settings text COLLATE "C" NOT NULL -- none: JSON object
);
CREATE UNIQUE INDEX step_by_position ON step (task_id, position);

CREATE TABLE candidate (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- reference
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    ordinal bigint NOT NULL, -- none: creation order in the task
    kind text COLLATE "C" NOT NULL, -- none
    user_id text COLLATE "C" REFERENCES user_account (id), -- reference: for kind user
    source text COLLATE "C" NOT NULL, -- none
    fullname text COLLATE "C", -- identity
    email text COLLATE "C", -- contact
    uniq_id text COLLATE "C", -- identity
    uniq_scope text COLLATE "C", -- none
    credential1 text COLLATE "C", -- credential
    credential1_exclusive boolean NOT NULL, -- none: no other candidate of the task may have it
    credential2_hash text COLLATE "C", -- credential: Argon2id
    invitation_code text COLLATE "C", -- credential: removed at erasure
    external_id text COLLATE "C", -- identity
    external_data text COLLATE "C", -- identity: JSON object
    lang text COLLATE "C", -- none
    active boolean NOT NULL, -- none
    active_after bigint, -- none
    active_before bigint, -- none
    time_factor text COLLATE "C" NOT NULL, -- identity: a decimal; tells of an accommodation
    group_name text COLLATE "C" NOT NULL, -- grouping
    labels text COLLATE "C" NOT NULL, -- grouping: JSON list
    tags text COLLATE "C" NOT NULL, -- identity: JSON object
    stage text COLLATE "C", -- none
    programs text COLLATE "C" NOT NULL, -- none: JSON list
    rating bigint, -- remark
    favorite boolean NOT NULL, -- none
    notes text COLLATE "C", -- remark
    logged_in boolean NOT NULL, -- none
    extra_emails text COLLATE "C" NOT NULL, -- contact: JSON list
    price text COLLATE "C", -- none: JSON object
    callback text COLLATE "C", -- contact: JSON object
    room_form text COLLATE "C", -- content: JSON object
    step_overrides text COLLATE "C" NOT NULL, -- none: JSON object by step id
    created_at bigint NOT NULL, -- none
    last_activity_at bigint, -- none
    erased_at bigint -- none
);
CREATE UNIQUE INDEX candidate_by_ordinal ON candidate (task_id, ordinal);
CREATE UNIQUE INDEX candidate_by_code ON candidate (invitation_code);
CREATE UNIQUE INDEX candidate_by_exclusive_credential ON candidate (task_id, credential1) WHERE credential1_exclusive;
CREATE INDEX candidate_by_fullname ON candidate (task_id, fullname, ordinal) WHERE fullname IS NOT NULL;
CREATE INDEX candidate_by_email ON candidate (task_id, email, ordinal) WHERE email IS NOT NULL;
CREATE INDEX candidate_by_uniq_id ON candidate (task_id, uniq_id, ordinal) WHERE uniq_id IS NOT NULL;
CREATE INDEX candidate_by_credential ON candidate (task_id, credential1, ordinal) WHERE credential1 IS NOT NULL;
CREATE INDEX candidate_by_user ON candidate (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE login_session (
    token_hash bytea PRIMARY KEY NOT NULL, -- credential: SHA-256 of a random token
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    candidate_id text COLLATE "C" NOT NULL REFERENCES candidate (id), -- reference
    created_at bigint NOT NULL, -- none
    ended_at bigint -- none
);
CREATE INDEX login_session_by_candidate ON login_session (candidate_id);

-- What a basic page reads stands first and what only a detailed page reads stands last: a long row spills from its end.
CREATE TABLE instance (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- reference
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    step_id text COLLATE "C" NOT NULL REFERENCES step (id), -- none
    candidate_id text COLLATE "C" NOT NULL REFERENCES candidate (id), -- reference
    ordinal bigint NOT NULL, -- none: dense in the task, from 1
    revision bigint NOT NULL, -- none: the task's at the last change
    change_kind text COLLATE "C" NOT NULL, -- none: the last change
    changed_at bigint NOT NULL, -- none
    state text COLLATE "C" NOT NULL, -- result
    ignored boolean NOT NULL, -- none
    closing text COLLATE "C", -- result
    candidate_kind text COLLATE "C" NOT NULL, -- none
    owner_id text COLLATE "C" NOT NULL, -- reference: user or candidate
    started_at bigint NOT NULL, -- result
    completed_at bigint, -- result
    due_at bigint, -- result: when it completes by itself; none when closed or without limit
    erased_at bigint, -- none
    result_number bigint NOT NULL, -- none: the latest result version, 0 is none
    waiting bigint NOT NULL, -- result: slots waiting for evaluation
    engine_version text COLLATE "C" NOT NULL, -- none
    result_basic text COLLATE "C", -- result: JSON, ready to send
    document_digest bytea NOT NULL REFERENCES document (digest), -- none: the frozen document
    seed bytea NOT NULL, -- none
    time_factor text COLLATE "C" NOT NULL, -- identity: a decimal; tells of an accommodation
    external_id text COLLATE "C", -- identity
    folder text COLLATE "C" NOT NULL, -- none
    group_name text COLLATE "C" NOT NULL, -- grouping
    labels text COLLATE "C" NOT NULL, -- grouping: JSON list
    tags text COLLATE "C" NOT NULL, -- identity: JSON object
    delivery text COLLATE "C" NOT NULL, -- result: JSON, pages entered and locked, clocks
    result_detailed text COLLATE "C" -- result: JSON, ready to send
);
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
    instance_id text COLLATE "C" NOT NULL REFERENCES instance (id), -- reference
    slot bigint NOT NULL, -- none: from 1
    seq bigint NOT NULL, -- none: the kept one
    n bigint NOT NULL, -- none: the receipt that keeps the response
    PRIMARY KEY (instance_id, slot)
);

CREATE TABLE receipt (
    instance_id text COLLATE "C" NOT NULL REFERENCES instance (id), -- reference
    n bigint NOT NULL, -- none: from 1
    slot bigint NOT NULL, -- none
    seq bigint NOT NULL, -- none
    response text COLLATE "C", -- content: JSON; removed at erasure
    received_at bigint NOT NULL, -- result
    digest bytea, -- content: chained; removed at erasure
    PRIMARY KEY (instance_id, n)
);

CREATE TABLE evaluation (
    instance_id text COLLATE "C" NOT NULL REFERENCES instance (id), -- reference
    slot bigint NOT NULL, -- none
    given_kind text COLLATE "C" NOT NULL, -- none: percentage, points or rubric
    given text COLLATE "C" NOT NULL, -- result: JSON
    method text COLLATE "C" NOT NULL, -- none
    comment text COLLATE "C", -- remark: removed at erasure
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    at bigint NOT NULL, -- none
    seq bigint NOT NULL, -- none: the answer it was made for
    PRIMARY KEY (instance_id, slot)
);

CREATE TABLE correction (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    step_id text COLLATE "C" NOT NULL REFERENCES step (id), -- none
    number bigint NOT NULL, -- none: order of making in the step
    instance_id text COLLATE "C" REFERENCES instance (id), -- reference: one instance, or all of the step
    question_key text COLLATE "C" NOT NULL, -- none
    change text COLLATE "C" NOT NULL, -- none: JSON
    reason text COLLATE "C" NOT NULL, -- remark
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    at bigint NOT NULL, -- none
    withdrawn_at bigint -- none
);
CREATE UNIQUE INDEX correction_by_number ON correction (step_id, number);

CREATE TABLE result_version (
    instance_id text COLLATE "C" NOT NULL REFERENCES instance (id), -- reference
    number bigint NOT NULL, -- none: from 1
    at bigint NOT NULL, -- none
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    reason text COLLATE "C" NOT NULL, -- none
    note text COLLATE "C", -- remark
    waiting bigint NOT NULL, -- result
    passed boolean, -- result: none without a pass mark
    level text COLLATE "C", -- result
    inputs_digest bytea NOT NULL, -- result
    engine_version text COLLATE "C" NOT NULL, -- none
    slots text COLLATE "C" NOT NULL, -- result: JSON, rate and points per slot
    detailed text COLLATE "C" NOT NULL, -- result: JSON
    PRIMARY KEY (instance_id, number)
);

CREATE TABLE event (
    chain text COLLATE "C" NOT NULL, -- reference
    n bigint NOT NULL, -- none: from 1
    id text COLLATE "C" NOT NULL, -- none
    at bigint NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    request_id text COLLATE "C", -- none
    kind text COLLATE "C" NOT NULL, -- none
    subject text COLLATE "C" NOT NULL, -- reference: JSON object of ids
    detail text COLLATE "C" NOT NULL, -- none: JSON object of ids, field names and numbers
    revision bigint, -- none: the task's, if it rose
    digest bytea NOT NULL, -- none: chained
    PRIMARY KEY (chain, n)
);

CREATE TABLE client_token (
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    scope text COLLATE "C" NOT NULL, -- reference: what the token was sent to
    token text COLLATE "C" NOT NULL, -- none
    request_digest bytea, -- content: SHA-256 of what was asked, where that is compared
    response text COLLATE "C" NOT NULL, -- content: the first answer
    at bigint NOT NULL, -- none
    PRIMARY KEY (organization_id, scope, token)
);
CREATE INDEX client_token_by_age ON client_token (at);
