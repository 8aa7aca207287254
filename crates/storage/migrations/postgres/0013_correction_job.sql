-- How far a correction of a step, or its withdrawal, has got through the step's instances. It is in force from its first
-- moment; the job computes kept results anew, some instances a transaction, and goes on after a crash.
-- Its twin is migrations/sqlite/0013_correction_job.sql.

CREATE TABLE correction_job (
    correction_id text COLLATE "C" PRIMARY KEY NOT NULL REFERENCES correction (id), -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    step_id text COLLATE "C" NOT NULL REFERENCES step (id), -- none
    withdrawal boolean NOT NULL, -- none
    position bigint NOT NULL, -- none: the ordinal behind which it goes on
    last_ordinal bigint NOT NULL, -- none: of the task when it began; later instances hold to it by themselves
    versions bigint NOT NULL, -- none
    open bigint NOT NULL, -- none
    unchanged bigint NOT NULL, -- none
    failed bigint NOT NULL, -- none: instances that could not be computed
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    request_id text COLLATE "C", -- none
    begun_at bigint NOT NULL, -- none
    finished_at bigint -- none
);
CREATE INDEX correction_job_by_begin ON correction_job (begun_at) WHERE finished_at IS NULL;
