-- +goose Up
CREATE TABLE IF NOT EXISTS sessions (
    session    TEXT    NOT NULL PRIMARY KEY,
    viewer     TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    visit      BLOB    NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_viewer ON sessions (viewer, started_at);

CREATE TABLE IF NOT EXISTS pages (
    session   TEXT    NOT NULL,
    page      INTEGER NOT NULL,
    viewer    TEXT    NOT NULL,
    served_at INTEGER NOT NULL,
    items     INTEGER NOT NULL,
    numbers   BLOB    NOT NULL,
    body      BLOB    NOT NULL,
    PRIMARY KEY (session, page)
);
CREATE INDEX IF NOT EXISTS pages_by_viewer ON pages (viewer, served_at);
CREATE INDEX IF NOT EXISTS pages_by_serving ON pages (served_at, viewer);
