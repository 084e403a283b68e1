-- +goose Up
-- What counts of the events that were pruned. How far that came is the head 'pruned'.
INSERT INTO log_heads (name, head) VALUES ('pruned', 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS pruned_counts (
    item     TEXT    NOT NULL PRIMARY KEY,
    comments INTEGER NOT NULL,
    shares   INTEGER NOT NULL,
    plays    INTEGER NOT NULL
) WITHOUT ROWID;

-- Who liked or kept what after the last event that was pruned.
CREATE TABLE IF NOT EXISTS pruned_reactions (
    viewer TEXT    NOT NULL,
    item   TEXT    NOT NULL,
    kind   INTEGER NOT NULL,
    PRIMARY KEY (viewer, item, kind)
) WITHOUT ROWID;

-- last_pos is the last event of a play, whatever it says; one without a report of what was watched has pos 0.
ALTER TABLE plays ADD COLUMN last_pos INTEGER NOT NULL DEFAULT 0;
INSERT INTO plays (viewer, item, session, watched_ms, duration_ms, pos, last_pos)
    SELECT viewer, item, session, 0, 0, 0, MAX(pos) FROM events WHERE act IN (3, 4, 5) GROUP BY viewer, item, session
    ON CONFLICT (viewer, item, session) DO UPDATE SET last_pos = excluded.last_pos;
