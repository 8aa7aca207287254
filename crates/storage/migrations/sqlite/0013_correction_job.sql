-- How far a correction of a step, or its withdrawal, has got through the step's instances. It is in force from its first
-- moment; the job computes kept results anew, some instances a transaction, and goes on after a crash.
-- Its twin is migrations/postgres/0013_correction_job.sql.

CREATE TABLE correction_job (
    correction_id TEXT PRIMARY KEY NOT NULL REFERENCES correction (id), -- none
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    step_id TEXT NOT NULL REFERENCES step (id), -- none
    withdrawal INTEGER NOT NULL CHECK (withdrawal IN (0, 1)), -- none
    position INTEGER NOT NULL, -- none: the ordinal behind which it goes on
    last_ordinal INTEGER NOT NULL, -- none: of the task when it began; later instances hold to it by themselves
    versions INTEGER NOT NULL, -- none
    open INTEGER NOT NULL, -- none
    unchanged INTEGER NOT NULL, -- none
    failed INTEGER NOT NULL, -- none: instances that could not be computed
    actor_kind TEXT NOT NULL, -- none
    actor_id TEXT, -- reference
    request_id TEXT, -- none
    begun_at INTEGER NOT NULL, -- none
    finished_at INTEGER -- none
) STRICT;
CREATE INDEX correction_job_by_begin ON correction_job (begun_at) WHERE finished_at IS NULL;
