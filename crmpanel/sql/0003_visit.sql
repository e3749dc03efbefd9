-- Recently viewed organisations have become visits, which cards of all kinds have.
INSERT INTO visit (viewer, entity, record_id, "at")
SELECT viewer, 'organisation', organisation_id, "at" FROM viewed;
DROP TABLE viewed;
