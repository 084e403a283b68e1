-- +goose Up
-- What services prove themselves with: hashes of keys. Times are Unix milliseconds; 0 is never.
CREATE TABLE IF NOT EXISTS access_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    scopes     TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
);
