-- Callbacks: what is to be sent, where to, and how it went. Its twin is migrations/postgres/0003_outbox.sql.

-- Where an organization has events sent to. A deleted one keeps its row for the log.
CREATE TABLE webhook (
    id TEXT PRIMARY KEY NOT NULL, -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    url TEXT NOT NULL, -- none: a program's address
    resource TEXT NOT NULL, -- none: how much of an instance is sent
    description TEXT NOT NULL, -- remark
    active INTEGER NOT NULL CHECK (active IN (0, 1)), -- none
    gone_at INTEGER, -- none: when its receiver said that it is gone
    created_at INTEGER NOT NULL, -- none
    deleted_at INTEGER -- none
) STRICT;
CREATE INDEX webhook_by_organization ON webhook (organization_id, created_at, id);

CREATE TABLE webhook_event (
    webhook_id TEXT NOT NULL REFERENCES webhook (id), -- none
    kind TEXT NOT NULL, -- none: the change that is sent
    PRIMARY KEY (webhook_id, kind)
) STRICT, WITHOUT ROWID;

-- What signs. Kept as it is, because a signature needs it.
CREATE TABLE webhook_secret (
    owner_id TEXT NOT NULL, -- none: a webhook, or the organization for its candidates' callbacks
    number INTEGER NOT NULL, -- none: from 1
    secret BLOB NOT NULL, -- credential
    created_at INTEGER NOT NULL, -- none
    expires_at INTEGER, -- none
    PRIMARY KEY (owner_id, number)
) STRICT, WITHOUT ROWID;

-- One event for one receiver, written by the transaction that changed the instance.
CREATE TABLE outbox (
    target TEXT NOT NULL, -- none: a webhook, or `callback` for the candidate's own
    event_id TEXT NOT NULL, -- none: the cursor of the change
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    instance_id TEXT NOT NULL REFERENCES instance (id), -- reference
    candidate_id TEXT NOT NULL REFERENCES candidate (id), -- reference
    kind TEXT NOT NULL, -- none
    at INTEGER NOT NULL, -- none
    lane TEXT NOT NULL, -- none: what is sent to one receiver
    url TEXT, -- contact: of the candidate's own callback; removed at erasure
    body TEXT, -- identity: the bytes that are sent; removed at erasure
    state TEXT NOT NULL, -- none
    tries INTEGER NOT NULL, -- none
    tries_before INTEGER NOT NULL, -- none: those before the last replay
    due_at INTEGER, -- none: of the next try; while one is under way, when another server may try
    finished_at INTEGER, -- none
    PRIMARY KEY (target, event_id)
) STRICT;
CREATE INDEX outbox_by_lane ON outbox (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_by_time ON outbox (organization_id, target, at, event_id);
CREATE INDEX outbox_by_candidate ON outbox (candidate_id) WHERE body IS NOT NULL;
CREATE INDEX outbox_by_end ON outbox (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE outbox_try (
    target TEXT NOT NULL, -- none
    event_id TEXT NOT NULL, -- none
    n INTEGER NOT NULL, -- none: from 1
    at INTEGER NOT NULL, -- none
    outcome TEXT NOT NULL, -- none
    status INTEGER, -- none: of the answer
    millis INTEGER NOT NULL, -- none
    PRIMARY KEY (target, event_id, n)
) STRICT, WITHOUT ROWID;
