-- +goose Up
-- What services prove themselves with: hashes of keys. Times are Unix milliseconds; 0 is never.
CREATE TABLE IF NOT EXISTS access_keys (
    id         VARBINARY(32)  NOT NULL PRIMARY KEY,
    name       VARBINARY(256) NOT NULL,
    hash       BINARY(32)     NOT NULL,
    scopes     VARBINARY(256) NOT NULL,
    made_at    BIGINT         NOT NULL,
    expires_at BIGINT         NOT NULL,
    revoked_at BIGINT         NOT NULL
);
