-- +goose Up
-- Facts of the outbox that failed by themselves and are tried again.
CREATE TABLE IF NOT EXISTS outbox_trials (
    seq       INTEGER NOT NULL PRIMARY KEY,
    id        TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    failures  INTEGER NOT NULL,
    error     TEXT    NOT NULL,
    retry_at  INTEGER NOT NULL,
    overtaken INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_trials_by_item ON outbox_trials (id, seq);

-- Those that were given up.
CREATE TABLE IF NOT EXISTS dead_letters (
    seq        INTEGER NOT NULL PRIMARY KEY,
    number     INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    state      INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    details    BLOB    NOT NULL,
    payload    BLOB    NULL,
    failures   INTEGER NOT NULL,
    error      TEXT    NOT NULL,
    died_at    INTEGER NOT NULL,
    overtaken  INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS dead_letters_by_item ON dead_letters (id);
