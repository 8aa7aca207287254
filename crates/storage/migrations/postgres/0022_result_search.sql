-- Staff's table of results: people by parts of what they are called, results by outcome, level and exclusion.
-- The columns of candidates are filled by storage::candidate. Its twin is migrations/sqlite/0022_result_search.sql.

ALTER TABLE candidate ADD COLUMN search_name text COLLATE "C" NOT NULL DEFAULT ''; -- identity: name or address, folded, for ordering
ALTER TABLE candidate ADD COLUMN search_text text COLLATE "C" NOT NULL DEFAULT ''; -- identity: name, address, ids, group and labels, folded
-- The condition holds for every row: it keeps the index to those statements that order by it.
CREATE INDEX candidate_by_search_name ON candidate (task_id, search_name, ordinal) WHERE search_name >= '';

ALTER TABLE instance ADD COLUMN passed boolean; -- result: of the latest version
ALTER TABLE instance ADD COLUMN level text COLLATE "C"; -- result: of the latest version
UPDATE instance SET
        passed = (SELECT v.passed FROM result_version v WHERE v.instance_id = instance.id AND v.number = instance.result_number),
        level = (SELECT v.level FROM result_version v WHERE v.instance_id = instance.id AND v.number = instance.result_number)
    WHERE result_number > 0;
CREATE INDEX instance_by_outcome ON instance (task_id, passed, ordinal, waiting, state)
    WHERE passed IS NOT NULL AND state = 'COMPLETE' AND waiting = 0;
CREATE INDEX instance_by_level ON instance (task_id, level, ordinal) WHERE level IS NOT NULL;
CREATE INDEX instance_by_exclusion ON instance (task_id, ordinal) WHERE ignored;
