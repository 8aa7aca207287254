-- How an organization shows itself to candidates: its colour, logo, contact, privacy notice and imprint.
-- Its twin is migrations/postgres/0017_organization_profile.sql.

CREATE TABLE organization_profile (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organization (id), -- none
    colour TEXT, -- none: #rrggbb
    contact TEXT NOT NULL, -- none: Markdown that the organization publishes
    privacy_notice TEXT NOT NULL, -- none: Markdown that the organization publishes
    imprint TEXT NOT NULL, -- none: Markdown that the organization publishes
    logo_digest TEXT, -- none: the beginning of the SHA-256 of the logo
    logo_type TEXT, -- none
    updated_at INTEGER NOT NULL -- none
) STRICT, WITHOUT ROWID;

CREATE TABLE organization_logo (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organization (id), -- none
    bytes BLOB NOT NULL -- none: a picture that the organization publishes
) STRICT, WITHOUT ROWID;
