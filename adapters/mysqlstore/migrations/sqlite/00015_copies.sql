-- +goose Up
-- How far a log elsewhere was copied into events: the number of the record after it, and how many ids were remembered there.
INSERT INTO log_heads (name, head) VALUES ('copied_records', 0), ('copied_window', 0) ON CONFLICT DO NOTHING;
INSERT INTO leases (name, owner, until_ms) VALUES ('copying', '', 0) ON CONFLICT DO NOTHING;
