-- +goose Up
CREATE TABLE IF NOT EXISTS author_counts (
    author    VARBINARY(128) NOT NULL PRIMARY KEY,
    followers BIGINT         NOT NULL,
    revision  BIGINT         NOT NULL,
    KEY author_counts_by_revision (revision, author)
);

-- Follows that began (1) or ended (-1) and are not in author_counts yet.
CREATE TABLE IF NOT EXISTS follow_changes (
    id     BIGINT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
    author VARBINARY(128) NOT NULL,
    step   INT            NOT NULL
);

INSERT INTO author_counts (author, followers, revision) SELECT author, COUNT(*), 0 FROM ties WHERE relation = 1 GROUP BY author
    ON DUPLICATE KEY UPDATE followers = VALUES(followers);
INSERT INTO log_heads (name, head) VALUES ('followers', 0), ('rebuild', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);
