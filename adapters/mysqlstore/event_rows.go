package mysqlstore

import (
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/engagement"
)

var eventColumns = []string{
	"pos", "event_id", "viewer", "act", "item", "author", "at", "session", "context",
	"watched_ms", "duration_ms", "auto_presented", "received_at",
}

const selectEvent = "SELECT e.pos, e.event_id, e.viewer, e.act, e.item, e.author, e.at, e.session, e.context, " +
	"e.watched_ms, e.duration_ms, e.auto_presented, e.received_at FROM events e "

func eventRow(pos int64, e *engagement.Event, received time.Time) []any {
	auto := 0
	if e.AutoPresented {
		auto = 1
	}
	return []any{
		pos, string(e.ID), string(e.Viewer), int64(e.Act), string(e.Item), string(e.Author), e.At.UnixMilli(), e.Session, e.Context,
		e.Watched.Milliseconds(), e.Duration.Milliseconds(), auto, received.UnixMilli(),
	}
}

// eventsIn runs a query that answers the columns of selectEvent.
func eventsIn(tx *gorm.DB, query string, args ...any) ([]engagement.Logged, error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []engagement.Logged
	for rows.Next() {
		var (
			e                               engagement.Logged
			at, watched, duration, received int64
		)
		if err := rows.Scan(&e.Offset, &e.ID, &e.Viewer, &e.Act, &e.Item, &e.Author, &at, &e.Session, &e.Context,
			&watched, &duration, &e.AutoPresented, &received); err != nil {
			return nil, err
		}
		e.At, e.Received = timeOf(at), timeOf(received)
		e.Watched, e.Duration = time.Duration(watched)*time.Millisecond, time.Duration(duration)*time.Millisecond
		out = append(out, e)
	}
	return out, rows.Err()
}
