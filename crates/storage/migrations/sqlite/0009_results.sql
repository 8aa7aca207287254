-- Staff's table of results: its orders by ratio and by completion. Its twin is migrations/postgres/0009_results.sql.

ALTER TABLE instance ADD COLUMN ratio INTEGER; -- result: the achievement ratio in millionths, for ordering
UPDATE instance SET ratio = CAST(round(json_extract(result_basic, '$.scoreboard.achievementRatio') * 1000000) AS INTEGER)
    WHERE result_basic IS NOT NULL;
CREATE INDEX instance_by_ratio ON instance (task_id, ratio, ordinal) WHERE ratio IS NOT NULL;
CREATE INDEX instance_by_completion ON instance (task_id, completed_at, ordinal) WHERE completed_at IS NOT NULL;
