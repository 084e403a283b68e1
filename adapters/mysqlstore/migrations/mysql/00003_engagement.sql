-- +goose Up
INSERT INTO log_heads (name, head) VALUES ('events', 0), ('tally', 0), ('counts', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);

CREATE TABLE IF NOT EXISTS events (
    pos            BIGINT         NOT NULL PRIMARY KEY,
    event_id       VARBINARY(128) NOT NULL,
    viewer         VARBINARY(128) NOT NULL,
    act            TINYINT        NOT NULL,
    item           VARBINARY(128) NOT NULL,
    author         VARBINARY(128) NOT NULL,
    at             BIGINT         NOT NULL,
    session        VARBINARY(128) NOT NULL,
    context        VARBINARY(512) NOT NULL,
    watched_ms     BIGINT         NOT NULL,
    duration_ms    BIGINT         NOT NULL,
    auto_presented TINYINT        NOT NULL,
    received_at    BIGINT         NOT NULL,
    UNIQUE KEY events_by_id (event_id),
    KEY events_by_viewer (viewer, pos),
    KEY events_by_receipt (received_at, viewer)
);

-- The most that was watched of an item in a session, and the event that said so last.
CREATE TABLE IF NOT EXISTS plays (
    viewer      VARBINARY(128) NOT NULL,
    item        VARBINARY(128) NOT NULL,
    session     VARBINARY(128) NOT NULL,
    watched_ms  BIGINT         NOT NULL,
    duration_ms BIGINT         NOT NULL,
    pos         BIGINT         NOT NULL,
    PRIMARY KEY (viewer, item, session)
);

CREATE TABLE IF NOT EXISTS item_counts (
    item      VARBINARY(128) NOT NULL PRIMARY KEY,
    likes     BIGINT         NOT NULL,
    favorites BIGINT         NOT NULL,
    comments  BIGINT         NOT NULL,
    shares    BIGINT         NOT NULL,
    plays     BIGINT         NOT NULL,
    revision  BIGINT         NOT NULL,
    KEY item_counts_by_revision (revision, item)
);

-- Who likes or keeps what, as far as the tally has come.
CREATE TABLE IF NOT EXISTS reactions (
    viewer VARBINARY(128) NOT NULL,
    item   VARBINARY(128) NOT NULL,
    kind   TINYINT        NOT NULL,
    PRIMARY KEY (viewer, item, kind)
);

-- The plays that the tally has counted.
CREATE TABLE IF NOT EXISTS counted_plays (
    viewer  VARBINARY(128) NOT NULL,
    item    VARBINARY(128) NOT NULL,
    session VARBINARY(128) NOT NULL,
    PRIMARY KEY (viewer, item, session)
);
