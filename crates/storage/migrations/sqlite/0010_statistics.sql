-- The group's picture and percentile ranks: the settled ratios of a step in their order. It holds every column that is asked
-- about, those of its own condition too, or SQLite would look each row up.
-- Its twin is migrations/postgres/0010_statistics.sql.

CREATE INDEX instance_by_settled_ratio ON instance (step_id, ratio, ordinal, ignored, waiting)
    WHERE ratio IS NOT NULL AND NOT ignored AND waiting = 0;
