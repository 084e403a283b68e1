-- +goose Up
INSERT INTO log_heads (name, head) VALUES ('erasures', 0) ON CONFLICT DO NOTHING;

-- Whom every instance is to forget, for a day: the viewer's id, encrypted with a key among the settings.
CREATE TABLE IF NOT EXISTS erasures (
    pos       INTEGER NOT NULL PRIMARY KEY,
    posted_at INTEGER NOT NULL,
    sealed    BLOB    NOT NULL
);
