-- +goose Up
CREATE TABLE IF NOT EXISTS log_heads (
    name TEXT    NOT NULL PRIMARY KEY,
    head INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO log_heads (name, head) VALUES ('items', 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS items (
    number     INTEGER NOT NULL PRIMARY KEY,
    id         TEXT    NOT NULL,
    state      INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    details    BLOB    NOT NULL,
    payload    BLOB    NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS items_by_id ON items (id);
CREATE INDEX IF NOT EXISTS items_by_change ON items (changed_at, number);

CREATE TABLE IF NOT EXISTS outbox (
    seq        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    number     INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    state      INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    details    BLOB    NOT NULL,
    payload    BLOB    NULL
);

CREATE TABLE IF NOT EXISTS leases (
    name     TEXT    NOT NULL PRIMARY KEY,
    owner    TEXT    NOT NULL,
    until_ms INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO leases (name, owner, until_ms) VALUES ('outbox', '', 0) ON CONFLICT DO NOTHING;
