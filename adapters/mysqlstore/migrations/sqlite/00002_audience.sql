-- +goose Up
CREATE TABLE IF NOT EXISTS viewers (
    viewer     TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS viewers_by_change ON viewers (changed_at, viewer);

CREATE TABLE IF NOT EXISTS ties (
    viewer   TEXT    NOT NULL,
    relation INTEGER NOT NULL,
    author   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (viewer, relation, author)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS decisions (
    viewer    TEXT    NOT NULL,
    kind      INTEGER NOT NULL,
    target    TEXT    NOT NULL,
    direction INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (viewer, kind, target)
) WITHOUT ROWID;

-- The viewers whose fast copy missed something.
CREATE TABLE IF NOT EXISTS repairs (
    viewer TEXT    NOT NULL PRIMARY KEY,
    marks  INTEGER NOT NULL
) WITHOUT ROWID;
