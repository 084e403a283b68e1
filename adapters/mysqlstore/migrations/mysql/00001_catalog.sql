-- +goose Up
CREATE TABLE IF NOT EXISTS log_heads (
    name VARBINARY(32) NOT NULL PRIMARY KEY,
    head BIGINT        NOT NULL
);
INSERT INTO log_heads (name, head) VALUES ('items', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);

CREATE TABLE IF NOT EXISTS items (
    number     BIGINT         NOT NULL PRIMARY KEY,
    id         VARBINARY(128) NOT NULL,
    state      TINYINT        NOT NULL,
    version    BIGINT         NOT NULL,
    changed_at BIGINT         NOT NULL,
    details    MEDIUMBLOB     NOT NULL,
    payload    MEDIUMBLOB     NULL,
    UNIQUE KEY items_by_id (id),
    KEY items_by_change (changed_at, number)
);

CREATE TABLE IF NOT EXISTS outbox (
    seq        BIGINT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
    number     BIGINT         NOT NULL,
    id         VARBINARY(128) NOT NULL,
    state      TINYINT        NOT NULL,
    version    BIGINT         NOT NULL,
    changed_at BIGINT         NOT NULL,
    details    MEDIUMBLOB     NOT NULL,
    payload    MEDIUMBLOB     NULL
);

CREATE TABLE IF NOT EXISTS leases (
    name     VARBINARY(32)  NOT NULL PRIMARY KEY,
    owner    VARBINARY(128) NOT NULL,
    until_ms BIGINT         NOT NULL
);
INSERT INTO leases (name, owner, until_ms) VALUES ('outbox', '', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);
