-- What every crmpanel database holds beside the tables of its entities.
CREATE TABLE crm_meta (
    key VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL
);
-- Rows per table as of the last commit; compared with the tables when the file is opened.
CREATE TABLE table_rows (
    name VARCHAR PRIMARY KEY,
    rows BIGINT NOT NULL
);
-- One row per write: who, when, why and from where. The log (table change) refers to it.
CREATE TABLE changeset (
    id BIGINT PRIMARY KEY,
    "at" TIMESTAMP NOT NULL,
    user_id BIGINT,
    why VARCHAR,
    source VARCHAR
);
-- What a free-text status means: open, completed, won, lost or cancelled.
CREATE TABLE status_role (
    entity VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    PRIMARY KEY (entity, status)
);
-- Contents of documents, by SHA-256.
CREATE TABLE content (
    hash VARCHAR PRIMARY KEY,
    data BLOB NOT NULL
);
-- Which organisations somebody looked at, for "recently viewed".
CREATE TABLE viewed (
    viewer VARCHAR NOT NULL,
    organisation_id BIGINT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    PRIMARY KEY (viewer, organisation_id)
);
