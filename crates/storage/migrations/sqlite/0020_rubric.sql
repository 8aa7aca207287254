-- What an evaluator chose on a rubric and writes to the candidate, beside the evaluation.
-- Its twin is migrations/postgres/0020_rubric.sql.
ALTER TABLE evaluation ADD COLUMN rubric TEXT; -- result: JSON, the lines of a rubric
ALTER TABLE evaluation ADD COLUMN feedback TEXT; -- remark: Markdown for the candidate, removed at erasure
