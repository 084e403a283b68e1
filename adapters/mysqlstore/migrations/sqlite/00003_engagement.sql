-- +goose Up
INSERT INTO log_heads (name, head) VALUES ('events', 0), ('tally', 0), ('counts', 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS events (
    pos            INTEGER NOT NULL PRIMARY KEY,
    event_id       TEXT    NOT NULL,
    viewer         TEXT    NOT NULL,
    act            INTEGER NOT NULL,
    item           TEXT    NOT NULL,
    author         TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    session        TEXT    NOT NULL,
    context        TEXT    NOT NULL,
    watched_ms     INTEGER NOT NULL,
    duration_ms    INTEGER NOT NULL,
    auto_presented INTEGER NOT NULL,
    received_at    INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS events_by_id ON events (event_id);
CREATE INDEX IF NOT EXISTS events_by_viewer ON events (viewer, pos);
CREATE INDEX IF NOT EXISTS events_by_receipt ON events (received_at, viewer);

-- The most that was watched of an item in a session, and the event that said so last.
CREATE TABLE IF NOT EXISTS plays (
    viewer      TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    session     TEXT    NOT NULL,
    watched_ms  INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    pos         INTEGER NOT NULL,
    PRIMARY KEY (viewer, item, session)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS item_counts (
    item      TEXT    NOT NULL PRIMARY KEY,
    likes     INTEGER NOT NULL,
    favorites INTEGER NOT NULL,
    comments  INTEGER NOT NULL,
    shares    INTEGER NOT NULL,
    plays     INTEGER NOT NULL,
    revision  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_counts_by_revision ON item_counts (revision, item);

-- Who likes or keeps what, as far as the tally has come.
CREATE TABLE IF NOT EXISTS reactions (
    viewer TEXT    NOT NULL,
    item   TEXT    NOT NULL,
    kind   INTEGER NOT NULL,
    PRIMARY KEY (viewer, item, kind)
) WITHOUT ROWID;

-- The plays that the tally has counted.
CREATE TABLE IF NOT EXISTS counted_plays (
    viewer  TEXT NOT NULL,
    item    TEXT NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (viewer, item, session)
) WITHOUT ROWID;
