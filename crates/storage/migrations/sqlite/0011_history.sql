-- The epochs of the database's history: a restored copy begins a new one. Its twin is migrations/postgres/0011_history.sql.

CREATE TABLE history_epoch (
    number INTEGER PRIMARY KEY NOT NULL, -- none: from 1
    epoch TEXT NOT NULL, -- none: random, part of cursors
    place TEXT, -- none: the file or server that holds the database; found in another place, it begins an epoch
    begun_at INTEGER NOT NULL -- none
) STRICT;
INSERT INTO history_epoch (number, epoch, begun_at) SELECT 1, epoch, created_at FROM installation;

-- Where an epoch ended for a task that had changes in it, or was made in it.
CREATE TABLE history_end (
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    number INTEGER NOT NULL REFERENCES history_epoch (number), -- none: of the epoch
    revision INTEGER NOT NULL, -- none: the task's last one in it
    PRIMARY KEY (task_id, number)
) STRICT, WITHOUT ROWID;
