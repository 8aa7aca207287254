-- Large acts of staff, done in batches: how far each has got, and what its batches came to. Asked again after a server ended
-- in the middle, an act goes on behind its last batch.
-- Its twin is migrations/postgres/0016_bulk_act.sql.

CREATE TABLE bulk_act (
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    name TEXT NOT NULL, -- reference: what is done to what
    run TEXT NOT NULL, -- none: random, of one time that it is done
    begun_at INTEGER NOT NULL, -- none
    finished_at INTEGER, -- none
    PRIMARY KEY (organization_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE bulk_batch (
    run TEXT NOT NULL, -- none
    n INTEGER NOT NULL, -- none: from 1
    outcome TEXT NOT NULL, -- reference: JSON of ids, places and numbers
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
