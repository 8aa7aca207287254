-- The last moment at which a clock of this installation was trusted. A start compares its own clock with it.
-- Its twin is migrations/postgres/0012_clock.sql.

CREATE TABLE clock_mark (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), -- none: there is one row
    trusted_at INTEGER NOT NULL, -- none
    confirmed_at INTEGER -- none: when the operator last confirmed the clock, by that clock
) STRICT;
