-- Entities and fields that this database has beyond those of the code. What each is, is JSON: the
-- parts of its declaration that are not as they are by default.
CREATE TABLE declared_entity (
    name VARCHAR PRIMARY KEY,
    position INTEGER NOT NULL,
    declaration VARCHAR NOT NULL
);
CREATE TABLE declared_field (
    entity VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    declaration VARCHAR NOT NULL,
    PRIMARY KEY (entity, name)
);
