-- Mail: what is to be sent to whom and when, and how it went. Its twin is migrations/postgres/0004_mail.sql.

-- One mail to one address, written by the transaction that caused it. It outlives a deleted candidate for the log.
CREATE TABLE mail (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    candidate_id TEXT NOT NULL, -- reference
    template TEXT NOT NULL, -- none: the name of one of the task's
    recipient TEXT, -- contact: removed at erasure
    state TEXT NOT NULL, -- none
    created_at INTEGER NOT NULL, -- none
    send_at INTEGER NOT NULL, -- none: not before
    tries INTEGER NOT NULL, -- none
    tries_before INTEGER NOT NULL, -- none: those before it was sent again
    due_at INTEGER, -- none: of the next try; while one is under way, when another server may try
    finished_at INTEGER, -- none
    subject TEXT, -- identity: as it was sent; removed at erasure
    body TEXT, -- credential: as it was sent, with code and link; removed at erasure
    lang TEXT -- none: of the body
) STRICT;
CREATE INDEX mail_by_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_by_time ON mail (organization_id, created_at, id);
CREATE INDEX mail_by_task ON mail (task_id, created_at, id);
CREATE INDEX mail_by_candidate ON mail (candidate_id, created_at, id);
CREATE INDEX mail_by_end ON mail (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE mail_try (
    mail_id TEXT NOT NULL REFERENCES mail (id), -- none
    n INTEGER NOT NULL, -- none: from 1
    at INTEGER NOT NULL, -- none
    outcome TEXT NOT NULL, -- none
    status INTEGER, -- none: of the server's answer
    reply TEXT, -- contact: what the server said, which may repeat the address; removed at erasure
    millis INTEGER NOT NULL, -- none
    PRIMARY KEY (mail_id, n)
) STRICT, WITHOUT ROWID;
