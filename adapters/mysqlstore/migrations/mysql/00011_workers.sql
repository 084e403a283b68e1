-- +goose Up
-- Who issues ids under which worker's number, until when, and the latest time that ids issued under it can carry.
CREATE TABLE IF NOT EXISTS workers (
    worker   INT            NOT NULL PRIMARY KEY,
    owner    VARBINARY(128) NOT NULL,
    until_ms BIGINT         NOT NULL,
    reach_ms BIGINT         NOT NULL
);
