-- Mail: what is to be sent to whom and when, and how it went. Its twin is migrations/sqlite/0004_mail.sql.

-- One mail to one address, written by the transaction that caused it. It outlives a deleted candidate for the log.
CREATE TABLE mail (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    candidate_id text COLLATE "C" NOT NULL, -- reference
    template text COLLATE "C" NOT NULL, -- none: the name of one of the task's
    recipient text COLLATE "C", -- contact: removed at erasure
    state text COLLATE "C" NOT NULL, -- none
    created_at bigint NOT NULL, -- none
    send_at bigint NOT NULL, -- none: not before
    tries bigint NOT NULL, -- none
    tries_before bigint NOT NULL, -- none: those before it was sent again
    due_at bigint, -- none: of the next try; while one is under way, when another server may try
    finished_at bigint, -- none
    subject text COLLATE "C", -- identity: as it was sent; removed at erasure
    body text COLLATE "C", -- credential: as it was sent, with code and link; removed at erasure
    lang text COLLATE "C" -- none: of the body
);
CREATE INDEX mail_by_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_by_time ON mail (organization_id, created_at, id);
CREATE INDEX mail_by_task ON mail (task_id, created_at, id);
CREATE INDEX mail_by_candidate ON mail (candidate_id, created_at, id);
CREATE INDEX mail_by_end ON mail (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE mail_try (
    mail_id text COLLATE "C" NOT NULL REFERENCES mail (id), -- none
    n bigint NOT NULL, -- none: from 1
    at bigint NOT NULL, -- none
    outcome text COLLATE "C" NOT NULL, -- none
    status bigint, -- none: of the server's answer
    reply text COLLATE "C", -- contact: what the server said, which may repeat the address; removed at erasure
    millis bigint NOT NULL, -- none
    PRIMARY KEY (mail_id, n)
);
