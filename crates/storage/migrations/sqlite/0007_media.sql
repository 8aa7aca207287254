-- Media: files of candidates, and what proctoring knows of instances. Its twin is migrations/postgres/0007_media.sql.

ALTER TABLE organization ADD COLUMN evidence_days INTEGER NOT NULL DEFAULT 365; -- none: how long files stay after completion

-- One file that a candidate's browser sent. The file itself lies in the media store under the row's id.
CREATE TABLE media (
    id TEXT PRIMARY KEY NOT NULL, -- reference
    organization_id TEXT NOT NULL REFERENCES organization (id), -- none
    task_id TEXT NOT NULL REFERENCES task (id), -- none
    candidate_id TEXT NOT NULL REFERENCES candidate (id), -- reference
    instance_id TEXT REFERENCES instance (id), -- reference: none for what comes before the first start
    purpose TEXT NOT NULL, -- none
    slot INTEGER, -- none: of an answer's file
    kind TEXT, -- none: of an evidence
    nth INTEGER, -- none: of an evidence, from 1 per instance and kind
    client_key TEXT NOT NULL, -- none: makes a repeated upload harmless
    created_at INTEGER NOT NULL, -- none
    client_time INTEGER, -- content: what the browser's clock said; removed at erasure
    name TEXT, -- content: of the file, or of the document asked for; removed at erasure
    bytes INTEGER NOT NULL, -- none
    media_type TEXT NOT NULL, -- none
    sha256 BLOB, -- content: of the file; removed at erasure
    flag TEXT, -- result: set by hand; none goes by the detections
    detections TEXT NOT NULL, -- result: JSON list
    state TEXT NOT NULL, -- none: kept, expired or erased
    file_gone INTEGER NOT NULL CHECK (file_gone IN (0, 1)) -- none
) STRICT;
CREATE UNIQUE INDEX media_by_instance ON media (instance_id, client_key) WHERE instance_id IS NOT NULL;
CREATE INDEX media_by_candidate ON media (candidate_id, purpose);
CREATE INDEX media_by_file ON media (state) WHERE state <> 'kept' AND NOT file_gone;
CREATE INDEX media_by_age ON media (organization_id, created_at) WHERE state = 'kept';

-- What proctoring knows of an instance: a row once there is something to know.
CREATE TABLE proctoring (
    instance_id TEXT PRIMARY KEY NOT NULL REFERENCES instance (id), -- reference
    flag TEXT, -- result: set by hand
    held INTEGER NOT NULL CHECK (held IN (0, 1)), -- none: files stay beyond their time
    fullscreen TEXT NOT NULL, -- result: JSON, absences from full screen
    due_at INTEGER -- none: when an absence that lasts ends the instance
) STRICT;
CREATE INDEX proctoring_by_due ON proctoring (due_at) WHERE due_at IS NOT NULL;
