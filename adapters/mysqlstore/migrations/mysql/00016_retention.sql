-- +goose Up
-- What counts of the events that were pruned. How far that came is the head 'pruned'.
INSERT INTO log_heads (name, head) VALUES ('pruned', 0) ON DUPLICATE KEY UPDATE name = VALUES(name);

CREATE TABLE IF NOT EXISTS pruned_counts (
    item     VARBINARY(128) NOT NULL PRIMARY KEY,
    comments BIGINT         NOT NULL,
    shares   BIGINT         NOT NULL,
    plays    BIGINT         NOT NULL
);

-- Who liked or kept what after the last event that was pruned.
CREATE TABLE IF NOT EXISTS pruned_reactions (
    viewer VARBINARY(128) NOT NULL,
    item   VARBINARY(128) NOT NULL,
    kind   TINYINT        NOT NULL,
    PRIMARY KEY (viewer, item, kind)
);

-- last_pos is the last event of a play, whatever it says; one without a report of what was watched has pos 0.
SET @add = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'plays' AND column_name = 'last_pos') = 0,
    'ALTER TABLE plays ADD COLUMN last_pos BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_last_pos FROM @add;
EXECUTE add_last_pos;
DEALLOCATE PREPARE add_last_pos;
INSERT INTO plays (viewer, item, session, watched_ms, duration_ms, pos, last_pos)
    SELECT viewer, item, session, 0, 0, 0, MAX(pos) FROM events WHERE act IN (3, 4, 5) GROUP BY viewer, item, session
    ON DUPLICATE KEY UPDATE last_pos = VALUES(last_pos);
