-- Media: files of candidates, and what proctoring knows of instances. Its twin is migrations/sqlite/0007_media.sql.

ALTER TABLE organization ADD COLUMN evidence_days bigint NOT NULL DEFAULT 365; -- none: how long files stay after completion

-- One file that a candidate's browser sent. The file itself lies in the media store under the row's id.
CREATE TABLE media (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- reference
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    task_id text COLLATE "C" NOT NULL REFERENCES task (id), -- none
    candidate_id text COLLATE "C" NOT NULL REFERENCES candidate (id), -- reference
    instance_id text COLLATE "C" REFERENCES instance (id), -- reference: none for what comes before the first start
    purpose text COLLATE "C" NOT NULL, -- none
    slot bigint, -- none: of an answer's file
    kind text COLLATE "C", -- none: of an evidence
    nth bigint, -- none: of an evidence, from 1 per instance and kind
    client_key text COLLATE "C" NOT NULL, -- none: makes a repeated upload harmless
    created_at bigint NOT NULL, -- none
    client_time bigint, -- content: what the browser's clock said; removed at erasure
    name text COLLATE "C", -- content: of the file, or of the document asked for; removed at erasure
    bytes bigint NOT NULL, -- none
    media_type text COLLATE "C" NOT NULL, -- none
    sha256 bytea, -- content: of the file; removed at erasure
    flag text COLLATE "C", -- result: set by hand; none goes by the detections
    detections text COLLATE "C" NOT NULL, -- result: JSON list
    state text COLLATE "C" NOT NULL, -- none: kept, expired or erased
    file_gone boolean NOT NULL -- none
);
CREATE UNIQUE INDEX media_by_instance ON media (instance_id, client_key) WHERE instance_id IS NOT NULL;
CREATE INDEX media_by_candidate ON media (candidate_id, purpose);
CREATE INDEX media_by_file ON media (state) WHERE state <> 'kept' AND NOT file_gone;
CREATE INDEX media_by_age ON media (organization_id, created_at) WHERE state = 'kept';

-- What proctoring knows of an instance: a row once there is something to know.
CREATE TABLE proctoring (
    instance_id text COLLATE "C" PRIMARY KEY NOT NULL REFERENCES instance (id), -- reference
    flag text COLLATE "C", -- result: set by hand
    held boolean NOT NULL, -- none: files stay beyond their time
    fullscreen text COLLATE "C" NOT NULL, -- result: JSON, absences from full screen
    due_at bigint -- none: when an absence that lasts ends the instance
);
CREATE INDEX proctoring_by_due ON proctoring (due_at) WHERE due_at IS NOT NULL;
