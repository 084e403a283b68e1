package mysqlstore

import (
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// playKey is one item played by one viewer in one session.
type playKey struct {
	viewer  audience.ViewerID
	item    catalog.ItemID
	session string
}

func keyOf(e *engagement.Event) playKey { return playKey{e.Viewer, e.Item, e.Session} }

// play is what all reports of it come to.
type play struct {
	watched, duration time.Duration
	pos               int64 // of the last report, 0: there is none
	last              int64 // position of its last event
}

func (p play) with(e *engagement.Event, pos int64) play {
	p.last = pos
	if e.Act == audience.PlayProgress {
		p.watched, p.duration, p.pos = max(p.watched, e.Watched), max(p.duration, e.Duration), pos
	}
	return p
}

func (db *DB) storePlays(tx *gorm.DB, plays map[playKey]play) error {
	grow := db.dialect.onClash(clash{key: []string{"viewer", "item", "session"}, grow: []string{"watched_ms", "duration_ms", "pos", "last_pos"}})
	rows := newPlainBulk(tx, "plays", grow, "viewer", "item", "session", "watched_ms", "duration_ms", "pos", "last_pos")
	defer rows.free()
	for k, p := range plays {
		rows.begin()
		rows.word(string(k.viewer))
		rows.word(string(k.item))
		rows.word(k.session)
		rows.number(p.watched.Milliseconds())
		rows.number(p.duration.Milliseconds())
		rows.number(p.pos)
		rows.number(p.last)
		rows.end()
		if rows.full() {
			rows.send()
		}
	}
	return rows.flush()
}
