-- +goose Up
INSERT INTO log_heads (name, head) VALUES ('models', 0), ('active_model', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);
INSERT INTO leases (name, owner, until_ms) VALUES ('training', '', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);

-- Trained models; a row is there once all its parts are. They hold ids of items and weights between them, and nothing of
-- any one viewer: erasing a viewer leaves them as they are, and the next training is without the viewer.
CREATE TABLE IF NOT EXISTS models (
    version BIGINT          NOT NULL PRIMARY KEY,
    head    VARBINARY(1024) NOT NULL,
    parts   BIGINT          NOT NULL
);

CREATE TABLE IF NOT EXISTS model_parts (
    version BIGINT     NOT NULL,
    part    BIGINT     NOT NULL,
    kept_at BIGINT     NOT NULL,
    content MEDIUMBLOB NOT NULL,
    PRIMARY KEY (version, part)
);
