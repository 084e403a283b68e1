-- +goose Up
CREATE TABLE IF NOT EXISTS settings (
    name  VARBINARY(128) NOT NULL PRIMARY KEY,
    value BLOB           NOT NULL
);
