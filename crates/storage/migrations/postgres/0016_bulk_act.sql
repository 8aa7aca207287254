-- Large acts of staff, done in batches: how far each has got, and what its batches came to. Asked again after a server ended
-- in the middle, an act goes on behind its last batch.
-- Its twin is migrations/sqlite/0016_bulk_act.sql.

CREATE TABLE bulk_act (
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    name text COLLATE "C" NOT NULL, -- reference: what is done to what
    run text COLLATE "C" NOT NULL, -- none: random, of one time that it is done
    begun_at bigint NOT NULL, -- none
    finished_at bigint, -- none
    PRIMARY KEY (organization_id, name)
);

CREATE TABLE bulk_batch (
    run text COLLATE "C" NOT NULL, -- none
    n bigint NOT NULL, -- none: from 1
    outcome text COLLATE "C" NOT NULL, -- reference: JSON of ids, places and numbers
    PRIMARY KEY (run, n)
);
