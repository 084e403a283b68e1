-- +goose Up
CREATE TABLE IF NOT EXISTS author_counts (
    author    TEXT    NOT NULL PRIMARY KEY,
    followers INTEGER NOT NULL,
    revision  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS author_counts_by_revision ON author_counts (revision, author);

-- Follows that began (1) or ended (-1) and are not in author_counts yet.
CREATE TABLE IF NOT EXISTS follow_changes (
    id     INTEGER NOT NULL PRIMARY KEY,
    author TEXT    NOT NULL,
    step   INTEGER NOT NULL
);

INSERT OR REPLACE INTO author_counts (author, followers, revision) SELECT author, COUNT(*), 0 FROM ties WHERE relation = 1 GROUP BY author;
INSERT INTO log_heads (name, head) VALUES ('followers', 0), ('rebuild', 0) ON CONFLICT DO NOTHING;
