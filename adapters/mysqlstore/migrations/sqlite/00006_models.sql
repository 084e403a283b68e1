-- +goose Up
INSERT INTO log_heads (name, head) VALUES ('models', 0), ('active_model', 0) ON CONFLICT DO NOTHING;
INSERT INTO leases (name, owner, until_ms) VALUES ('training', '', 0) ON CONFLICT DO NOTHING;

-- Trained models; a row is there once all its parts are. They hold ids of items and weights between them, and nothing of
-- any one viewer: erasing a viewer leaves them as they are, and the next training is without the viewer.
CREATE TABLE IF NOT EXISTS models (
    version INTEGER NOT NULL PRIMARY KEY,
    head    BLOB    NOT NULL,
    parts   INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS model_parts (
    version INTEGER NOT NULL,
    part    INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    content BLOB    NOT NULL,
    PRIMARY KEY (version, part)
);
