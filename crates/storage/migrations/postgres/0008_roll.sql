-- Counting a task's candidates, and those who entered, without reading their rows.

CREATE INDEX candidate_by_entry ON candidate (task_id, logged_in, ordinal) WHERE erased_at IS NULL;
