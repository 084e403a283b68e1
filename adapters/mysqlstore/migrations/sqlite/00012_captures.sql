-- +goose Up
-- How far the database's log of changed rows was read, who reads it, and how often something before was not read.
CREATE TABLE IF NOT EXISTS captures (
    name     TEXT    NOT NULL PRIMARY KEY,
    owner    TEXT    NOT NULL,
    until_ms INTEGER NOT NULL,
    done_to  TEXT    NOT NULL,
    kept_at  INTEGER NOT NULL,
    gaps     INTEGER NOT NULL
);
INSERT INTO captures (name, owner, until_ms, done_to, kept_at, gaps) VALUES ('binlog', '', 0, '', 0, 0) ON CONFLICT DO NOTHING;
