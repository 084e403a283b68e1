-- +goose Up
-- What feeds learn from what viewers go on to: a few numbers for each feed, and nothing of any one viewer.
CREATE TABLE IF NOT EXISTS blends (
    feed    VARBINARY(64) NOT NULL,
    prior   VARBINARY(64) NOT NULL,
    up_to   BIGINT        NOT NULL,
    choices BIGINT        NOT NULL,
    kept_at BIGINT        NOT NULL,
    content BLOB          NOT NULL,
    PRIMARY KEY (feed, prior)
);
