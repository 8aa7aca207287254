-- Staff's table of results: its orders by ratio and by completion. Its twin is migrations/sqlite/0009_results.sql.

ALTER TABLE instance ADD COLUMN ratio bigint; -- result: the achievement ratio in millionths, for ordering
UPDATE instance SET ratio = round((result_basic::json -> 'scoreboard' ->> 'achievementRatio')::numeric * 1000000)::bigint
    WHERE result_basic IS NOT NULL;
CREATE INDEX instance_by_ratio ON instance (task_id, ratio, ordinal) WHERE ratio IS NOT NULL;
CREATE INDEX instance_by_completion ON instance (task_id, completed_at, ordinal) WHERE completed_at IS NOT NULL;
