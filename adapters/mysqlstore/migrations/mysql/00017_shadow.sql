-- +goose Up
-- What shadow traffic writes instead of the tables without the prefix. Nobody counts it, so some stay empty.
CREATE TABLE IF NOT EXISTS shadow_viewers LIKE viewers;
CREATE TABLE IF NOT EXISTS shadow_ties LIKE ties;
CREATE TABLE IF NOT EXISTS shadow_decisions LIKE decisions;
CREATE TABLE IF NOT EXISTS shadow_follow_changes LIKE follow_changes;
CREATE TABLE IF NOT EXISTS shadow_repairs LIKE repairs;
CREATE TABLE IF NOT EXISTS shadow_events LIKE events;
CREATE TABLE IF NOT EXISTS shadow_plays LIKE plays;
CREATE TABLE IF NOT EXISTS shadow_reactions LIKE reactions;
CREATE TABLE IF NOT EXISTS shadow_counted_plays LIKE counted_plays;
CREATE TABLE IF NOT EXISTS shadow_pruned_reactions LIKE pruned_reactions;
CREATE TABLE IF NOT EXISTS shadow_log_heads LIKE log_heads;
CREATE TABLE IF NOT EXISTS shadow_sessions LIKE sessions;
CREATE TABLE IF NOT EXISTS shadow_pages LIKE pages;
INSERT INTO shadow_log_heads (name, head) VALUES ('events', 0), ('tally', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);
