package mysqlstore

import (
	"database/sql"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

var eventColumns = []string{
	"pos", "event_id", "viewer", "act", "item", "author", "at", "session", "context",
	"watched_ms", "duration_ms", "auto_presented", "received_at",
}

const selectEvent = "SELECT e.pos, e.event_id, e.viewer, e.act, e.item, e.author, e.at, e.session, e.context, " +
	"e.watched_ms, e.duration_ms, e.auto_presented, e.received_at FROM events e "

// putEvent puts a row of eventColumns.
func putEvent(rows *bulk, pos int64, e *engagement.Event, received time.Time) {
	auto := int64(0)
	if e.AutoPresented {
		auto = 1
	}
	rows.begin()
	rows.number(pos)
	rows.word(string(e.ID))
	rows.word(string(e.Viewer))
	rows.number(int64(e.Act))
	rows.word(string(e.Item))
	rows.word(string(e.Author))
	rows.number(e.At.UnixMilli())
	rows.word(e.Session)
	rows.word(e.Context)
	rows.number(e.Watched.Milliseconds())
	rows.number(e.Duration.Milliseconds())
	rows.number(auto)
	rows.number(received.UnixMilli())
	rows.end()
}

// eventsIn runs a query that answers the columns of selectEvent.
func eventsIn(tx *gorm.DB, query string, args ...any) ([]engagement.Logged, error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var (
		out                                             []engagement.Logged
		row                                             textsOfRow
		pos, act, at, watched, duration, auto, received int64
	)
	for rows.Next() {
		id, viewer, item, author, session, context := row.next()
		if err := rows.Scan(&pos, id, viewer, &act, item, author, &at, session, context, &watched, &duration, &auto, &received); err != nil {
			return nil, err
		}
		row.take()
		out = append(out, engagement.Logged{Offset: engagement.Offset(pos), Received: timeOf(received), Event: engagement.Event{
			ID: engagement.EventID(row.text(0)), Viewer: audience.ViewerID(row.text(1)), Act: audience.Act(act),
			Item: catalog.ItemID(row.text(2)), Author: catalog.AuthorID(row.text(3)), At: timeOf(at),
			Session: row.text(4), Context: row.text(5),
			Watched: time.Duration(watched) * time.Millisecond, Duration: time.Duration(duration) * time.Millisecond, AutoPresented: auto != 0,
		}})
	}
	return out, rows.Err()
}

// textsOfRow are the texts of a row of events, as parts of one.
type textsOfRow struct {
	raw  [6]sql.RawBytes
	room []byte
	all  string
	ends [6]int
}

// next is where the next row is scanned to.
func (r *textsOfRow) next() (id, viewer, item, author, session, context *sql.RawBytes) {
	return &r.raw[0], &r.raw[1], &r.raw[2], &r.raw[3], &r.raw[4], &r.raw[5]
}

// take copies what was scanned, which the driver overwrites.
func (r *textsOfRow) take() {
	r.room = r.room[:0]
	for i, text := range r.raw {
		r.room = append(r.room, text...)
		r.ends[i] = len(r.room)
	}
	r.all = string(r.room)
}

func (r *textsOfRow) text(i int) string {
	from := 0
	if i > 0 {
		from = r.ends[i-1]
	}
	return r.all[from:r.ends[i]]
}
