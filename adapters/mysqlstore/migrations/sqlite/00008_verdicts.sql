-- +goose Up
-- How kept models did against others when they were made, and why some were not put in force.
CREATE TABLE IF NOT EXISTS model_verdicts (
    version INTEGER NOT NULL PRIMARY KEY,
    content BLOB    NOT NULL
);
