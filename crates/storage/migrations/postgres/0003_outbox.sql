-- Callbacks: what is to be sent, where to, and how it went. Its twin is migrations/sqlite/0003_outbox.sql.

-- Where an organization has events sent to. A deleted one keeps its row for the log.
CREATE TABLE webhook (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    url text COLLATE "C" NOT NULL, -- none: a program's address
    resource text COLLATE "C" NOT NULL, -- none: how much of an instance is sent
    description text COLLATE "C" NOT NULL, -- remark
    active boolean NOT NULL, -- none
    gone_at bigint, -- none: when its receiver said that it is gone
    created_at bigint NOT NULL, -- none
    deleted_at bigint -- none
);
CREATE INDEX webhook_by_organization ON webhook (organization_id, created_at, id);

CREATE TABLE webhook_event (
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhook (id), -- none
    kind text COLLATE "C" NOT NULL, -- none: the change that is sent
    PRIMARY KEY (webhook_id, kind)
);

-- What signs. Kept as it is, because a signature needs it.
CREATE TABLE webhook_secret (
    owner_id text COLLATE "C" NOT NULL, -- none: a webhook, or the organization for its candidates' callbacks
    number bigint NOT NULL, -- none: from 1
    secret bytea NOT NULL, -- credential
    created_at bigint NOT NULL, -- none
    expires_at bigint, -- none
    PRIMARY KEY (owner_id, number)
);

-- One event for one receiver, written by the transaction that changed the instance.
CREATE TABLE outbox (
    target text COLLATE "C" NOT NULL, -- none: a webhook, or `callback` for the candidate's own
    event_id text COLLATE "C" NOT NULL, -- none: the cursor of the change
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    instance_id text COLLATE "C" NOT NULL REFERENCES instance (id), -- reference
    candidate_id text COLLATE "C" NOT NULL REFERENCES candidate (id), -- reference
    kind text COLLATE "C" NOT NULL, -- none
    at bigint NOT NULL, -- none
    lane text COLLATE "C" NOT NULL, -- none: what is sent to one receiver
    url text COLLATE "C", -- contact: of the candidate's own callback; removed at erasure
    body text COLLATE "C", -- identity: the bytes that are sent; removed at erasure
    state text COLLATE "C" NOT NULL, -- none
    tries bigint NOT NULL, -- none
    tries_before bigint NOT NULL, -- none: those before the last replay
    due_at bigint, -- none: of the next try; while one is under way, when another server may try
    finished_at bigint, -- none
    PRIMARY KEY (target, event_id)
);
CREATE INDEX outbox_by_lane ON outbox (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_by_time ON outbox (organization_id, target, at, event_id);
CREATE INDEX outbox_by_candidate ON outbox (candidate_id) WHERE body IS NOT NULL;
CREATE INDEX outbox_by_end ON outbox (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE outbox_try (
    target text COLLATE "C" NOT NULL, -- none
    event_id text COLLATE "C" NOT NULL, -- none
    n bigint NOT NULL, -- none: from 1
    at bigint NOT NULL, -- none
    outcome text COLLATE "C" NOT NULL, -- none
    status bigint, -- none: of the answer
    millis bigint NOT NULL, -- none
    PRIMARY KEY (target, event_id, n)
);
