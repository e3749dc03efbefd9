-- Which changeset a changeset undoes, and what tells a write that is sent twice.
ALTER TABLE changeset ADD COLUMN undoes BIGINT;
ALTER TABLE changeset ADD COLUMN token VARCHAR;
