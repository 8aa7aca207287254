-- How many groups of writes a SQLite file has kept. On PostgreSQL, which looks after its own log, it is not counted: the
-- table is there because both databases have the same.
CREATE TABLE write_count (
    id bigint PRIMARY KEY NOT NULL CHECK (id = 1), -- none: one row
    n bigint NOT NULL -- none
);
