-- The group's picture and percentile ranks: the settled ratios of a step in their order, counted without reading rows.
-- Its twin is migrations/postgres/0010_statistics.sql.

CREATE INDEX instance_by_settled_ratio ON instance (step_id, ratio, ordinal) WHERE ratio IS NOT NULL AND NOT ignored AND waiting = 0;
