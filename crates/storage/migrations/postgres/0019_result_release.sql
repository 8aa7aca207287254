-- What staff have decided about showing results to candidates: of a step, or of one instance of it.
-- Its twin is migrations/sqlite/0019_result_release.sql.

CREATE TABLE result_release (
    step_id text COLLATE "C" NOT NULL REFERENCES step (id), -- none
    instance_id text COLLATE "C" NOT NULL, -- none: empty for the step itself
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    released_at bigint, -- none
    withdrawn_at bigint, -- none
    PRIMARY KEY (step_id, instance_id)
);
CREATE INDEX result_release_by_task ON result_release (task_id);
