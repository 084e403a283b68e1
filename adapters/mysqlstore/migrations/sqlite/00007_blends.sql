-- +goose Up
-- What feeds learn from what viewers go on to: a few numbers for each feed, and nothing of any one viewer.
CREATE TABLE IF NOT EXISTS blends (
    feed    TEXT    NOT NULL,
    prior   TEXT    NOT NULL,
    up_to   INTEGER NOT NULL,
    choices INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    content BLOB    NOT NULL,
    PRIMARY KEY (feed, prior)
);
