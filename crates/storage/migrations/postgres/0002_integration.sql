-- What the integration API searches by. Its twin is migrations/sqlite/0002_integration.sql.
-- Few instances are open and few groups have another name than the default, so these stay small.
CREATE INDEX instance_by_openness ON instance (task_id, ordinal) WHERE state <> 'COMPLETE';
CREATE INDEX instance_by_group ON instance (task_id, group_name, ordinal) WHERE group_name <> 'default';
-- Idempotency keys, the only tokens whose request is compared, are forgotten after a day.
CREATE INDEX client_token_compared ON client_token (at) WHERE request_digest IS NOT NULL;
