-- What staff have decided about showing results to candidates: of a step, or of one instance of it.
-- Its twin is migrations/postgres/0019_result_release.sql.

CREATE TABLE result_release (
    step_id TEXT NOT NULL REFERENCES step (id), -- none
    instance_id TEXT NOT NULL, -- none: empty for the step itself
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    released_at INTEGER, -- none
    withdrawn_at INTEGER, -- none
    PRIMARY KEY (step_id, instance_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_release_by_task ON result_release (task_id);
