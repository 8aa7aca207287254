-- Media of authors: pictures, sound, film, captions and PDF that questions show; who needs them; and how often candidates
-- have played them. Its twin is migrations/sqlite/0018_author_media.sql.

-- One file. It lies in the media store under the row's id. The row goes once the file is removed.
CREATE TABLE asset (
    id text COLLATE "C" PRIMARY KEY NOT NULL, -- none
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    sha256 bytea NOT NULL, -- none: of the file; documents name it by this
    media_type text COLLATE "C" NOT NULL, -- none: as its bytes say
    bytes bigint NOT NULL, -- none
    width bigint, -- none: of a picture
    height bigint, -- none: of a picture
    millis bigint, -- none: of sound and film, where it is known
    name text COLLATE "C" NOT NULL, -- none: of the file, as its author called it
    folded_name text COLLATE "C" NOT NULL, -- none: in lower case, for searches
    created_at bigint NOT NULL, -- none
    used_at bigint NOT NULL, -- none: when it was last uploaded or became used
    actor_kind text COLLATE "C" NOT NULL, -- none
    actor_id text COLLATE "C", -- reference
    state text COLLATE "C" NOT NULL -- none: kept, or expired until the file is removed
);
CREATE UNIQUE INDEX asset_by_digest ON asset (organization_id, sha256) WHERE state = 'kept';
CREATE INDEX asset_by_age ON asset (organization_id, created_at, id) WHERE state = 'kept';
CREATE INDEX asset_by_file ON asset (state) WHERE state <> 'kept';

-- Who needs a file: a test or a question of the bank with any of its versions, or a step with the tests that its instances
-- were frozen from.
CREATE TABLE asset_use (
    organization_id text COLLATE "C" NOT NULL REFERENCES organization (id), -- none
    sha256 bytea NOT NULL, -- none
    holder_kind text COLLATE "C" NOT NULL, -- none: test, question or step
    holder_id text COLLATE "C" NOT NULL, -- none
    PRIMARY KEY (organization_id, sha256, holder_kind, holder_id)
);
CREATE INDEX asset_use_by_holder ON asset_use (organization_id, holder_kind, holder_id);

-- How often a candidate has played what may be played a few times only.
CREATE TABLE asset_play (
    instance_id text COLLATE "C" NOT NULL REFERENCES instance (id), -- reference
    place text COLLATE "C" NOT NULL, -- none: the slot or page and the text it stands in
    plays bigint NOT NULL, -- result
    PRIMARY KEY (instance_id, place)
);
