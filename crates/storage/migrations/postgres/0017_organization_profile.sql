-- How an organization shows itself to candidates: its colour, logo, contact, privacy notice and imprint.
-- Its twin is migrations/sqlite/0017_organization_profile.sql.

CREATE TABLE organization_profile (
    organization_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES organization (id), -- none
    colour text COLLATE "C", -- none: #rrggbb
    contact text COLLATE "C" NOT NULL, -- none: Markdown that the organization publishes
    privacy_notice text COLLATE "C" NOT NULL, -- none: Markdown that the organization publishes
    imprint text COLLATE "C" NOT NULL, -- none: Markdown that the organization publishes
    logo_digest text COLLATE "C", -- none: the beginning of the SHA-256 of the logo
    logo_type text COLLATE "C", -- none
    updated_at bigint NOT NULL -- none
);

CREATE TABLE organization_logo (
    organization_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES organization (id), -- none
    bytes bytea NOT NULL -- none: a picture that the organization publishes
);
