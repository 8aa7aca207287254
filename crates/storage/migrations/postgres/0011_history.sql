-- The epochs of the database's history: a restored copy begins a new one. Its twin is migrations/sqlite/0011_history.sql.

CREATE TABLE history_epoch (
    number bigint PRIMARY KEY NOT NULL, -- none: from 1
    epoch text COLLATE "C" NOT NULL, -- none: random, part of cursors
    place text COLLATE "C", -- none: the file or server that holds the database; found in another place, it begins an epoch
    begun_at bigint NOT NULL -- none
);
INSERT INTO history_epoch (number, epoch, begun_at) SELECT 1, epoch, created_at FROM installation;

-- Where an epoch ended for a task that had changes in it, or was made in it.
CREATE TABLE history_end (
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    number bigint NOT NULL REFERENCES history_epoch (number), -- none: of the epoch
    revision bigint NOT NULL, -- none: the task's last one in it
    PRIMARY KEY (task_id, number)
);
