-- +goose Up
-- How far the database's log of changed rows was read, who reads it, and how often something before was not read.
CREATE TABLE IF NOT EXISTS captures (
    name     VARBINARY(32)  NOT NULL PRIMARY KEY,
    owner    VARBINARY(128) NOT NULL,
    until_ms BIGINT         NOT NULL,
    done_to  MEDIUMBLOB     NOT NULL,
    kept_at  BIGINT         NOT NULL,
    gaps     BIGINT         NOT NULL
);
INSERT INTO captures (name, owner, until_ms, done_to, kept_at, gaps) VALUES ('binlog', '', 0, '', 0, 0) ON DUPLICATE KEY UPDATE name = VALUES(name);
