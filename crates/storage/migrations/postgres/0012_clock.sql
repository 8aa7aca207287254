-- The last moment at which a clock of this installation was trusted. A start compares its own clock with it.
-- Its twin is migrations/sqlite/0012_clock.sql.

CREATE TABLE clock_mark (
    id bigint PRIMARY KEY NOT NULL CHECK (id = 1), -- none: there is one row
    trusted_at bigint NOT NULL, -- none
    confirmed_at bigint -- none: when the operator last confirmed the clock, by that clock
);
