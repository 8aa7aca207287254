-- How many groups of writes the file has kept. A witness outside the file holds the same number, so that a lost or
-- shortened log is noticed. On PostgreSQL, which looks after its own log, it is not counted.
CREATE TABLE write_count (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), -- none: one row
    n INTEGER NOT NULL -- none
) STRICT;
