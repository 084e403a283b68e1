-- +goose Up
-- What shadow traffic writes instead of the tables without the prefix. Nobody counts it, so some stay empty.
CREATE TABLE IF NOT EXISTS shadow_viewers (
    viewer     TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shadow_viewers_by_change ON shadow_viewers (changed_at, viewer);

CREATE TABLE IF NOT EXISTS shadow_ties (
    viewer   TEXT    NOT NULL,
    relation INTEGER NOT NULL,
    author   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (viewer, relation, author)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_decisions (
    viewer    TEXT    NOT NULL,
    kind      INTEGER NOT NULL,
    target    TEXT    NOT NULL,
    direction INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (viewer, kind, target)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_follow_changes (
    id     INTEGER NOT NULL PRIMARY KEY,
    author TEXT    NOT NULL,
    step   INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS shadow_repairs (
    viewer TEXT    NOT NULL PRIMARY KEY,
    marks  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_events (
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
CREATE UNIQUE INDEX IF NOT EXISTS shadow_events_by_id ON shadow_events (event_id);
CREATE INDEX IF NOT EXISTS shadow_events_by_viewer ON shadow_events (viewer, pos);
CREATE INDEX IF NOT EXISTS shadow_events_by_receipt ON shadow_events (received_at, viewer);

CREATE TABLE IF NOT EXISTS shadow_plays (
    viewer      TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    session     TEXT    NOT NULL,
    watched_ms  INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    pos         INTEGER NOT NULL,
    last_pos    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (viewer, item, session)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_reactions (
    viewer TEXT    NOT NULL,
    item   TEXT    NOT NULL,
    kind   INTEGER NOT NULL,
    PRIMARY KEY (viewer, item, kind)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_counted_plays (
    viewer  TEXT NOT NULL,
    item    TEXT NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (viewer, item, session)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_pruned_reactions (
    viewer TEXT    NOT NULL,
    item   TEXT    NOT NULL,
    kind   INTEGER NOT NULL,
    PRIMARY KEY (viewer, item, kind)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_log_heads (
    name TEXT    NOT NULL PRIMARY KEY,
    head INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shadow_sessions (
    session    TEXT    NOT NULL PRIMARY KEY,
    viewer     TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    visit      BLOB    NOT NULL
);
CREATE INDEX IF NOT EXISTS shadow_sessions_by_viewer ON shadow_sessions (viewer, started_at);

CREATE TABLE IF NOT EXISTS shadow_pages (
    session   TEXT    NOT NULL,
    page      INTEGER NOT NULL,
    viewer    TEXT    NOT NULL,
    served_at INTEGER NOT NULL,
    items     INTEGER NOT NULL,
    numbers   BLOB    NOT NULL,
    body      BLOB    NOT NULL,
    PRIMARY KEY (session, page)
);
CREATE INDEX IF NOT EXISTS shadow_pages_by_viewer ON shadow_pages (viewer, served_at);
CREATE INDEX IF NOT EXISTS shadow_pages_by_serving ON shadow_pages (served_at, viewer);

INSERT INTO shadow_log_heads (name, head) VALUES ('events', 0), ('tally', 0) ON CONFLICT DO NOTHING;
