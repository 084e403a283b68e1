-- +goose Up
-- Who issues ids under which worker's number, until when, and the latest time that ids issued under it can carry.
CREATE TABLE IF NOT EXISTS workers (
    worker   INTEGER NOT NULL PRIMARY KEY,
    owner    TEXT    NOT NULL,
    until_ms INTEGER NOT NULL,
    reach_ms INTEGER NOT NULL
) WITHOUT ROWID;
