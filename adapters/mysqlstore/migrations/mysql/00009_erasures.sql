-- +goose Up
INSERT INTO log_heads (name, head) VALUES ('erasures', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);

-- Whom every instance is to forget, for a day: the viewer's id, encrypted with a key among the settings.
CREATE TABLE IF NOT EXISTS erasures (
    pos       BIGINT         NOT NULL PRIMARY KEY,
    posted_at BIGINT         NOT NULL,
    sealed    VARBINARY(255) NOT NULL
);
