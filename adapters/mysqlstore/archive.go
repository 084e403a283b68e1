package mysqlstore

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// Archive is the feed.PageArchive.
type Archive struct{ db *DB }

// NewArchive works on db.
func NewArchive(db *DB) *Archive { return &Archive{db} }

// Keep implements feed.PageArchive.
func (a *Archive) Keep(ctx context.Context, exposures []feed.Exposure) error {
	if len(exposures) == 0 {
		return nil
	}
	k := keepings.Get().(*keeping)
	err := a.db.write(ctx, func(tx *gorm.DB) error { return k.keep(tx, a.db.dialect, exposures) })
	if err == nil { // else a driver may still be reading from it
		keepings.Put(k)
	}
	return err
}

// keeping is the memory that pages are written from.
type keeping struct {
	text            []byte
	sessions, pages []any
}

var keepings = sync.Pool{New: func() any { return new(keeping) }}

// keepBytes is how long its statements are, about: the driver keeps the memory of those below 256 KiB, escaped.
const keepBytes = 96 << 10

func (k *keeping) keep(tx *gorm.DB, d dialect, exposures []feed.Exposure) (err error) {
	sessions := newBulk(tx, "sessions", d.onClash(clash{key: []string{"session"}}), "session", "viewer", "started_at", "visit")
	pages := newBulk(tx, "pages", d.givesWay(), "session", "page", "viewer", "served_at", "items", "numbers", "body")
	sessions.long, pages.long, sessions.args, pages.args = keepBytes, keepBytes, k.sessions[:0], k.pages[:0]
	defer func() {
		k.sessions, k.pages = sessions.args, pages.args
		clear(k.sessions[:cap(k.sessions)])
		clear(k.pages[:cap(k.pages)])
	}()
	b := k.text[:0]
	cut := func(from int) []byte { return b[from:len(b):len(b)] } // it stays good when b moves
	for i := range exposures {
		v, p := &exposures[i].Visit, &exposures[i].Page
		from := len(b)
		b = appendVisit(b, v)
		visit := cut(from)
		from = len(b)
		if b, err = appendPage(b, p); err != nil {
			return err
		}
		body := cut(from)
		from = len(b)
		for j := range p.Items {
			b = binary.BigEndian.AppendUint64(b, uint64(p.Items[j].Number))
		}
		numbers := cut(from)
		id, viewer := any(string(v.ID)), any(string(v.Viewer))
		sessions.add(id, viewer, v.StartedAt.UnixMilli(), visit)
		pages.add(id, p.Number, viewer, p.ServedAt.UnixMilli(), len(p.Items), numbers, body)
	}
	k.text = b
	if err := sessions.flush(); err != nil {
		return err
	}
	return pages.flush()
}

// Session implements feed.PageArchive.
func (a *Archive) Session(ctx context.Context, id feed.SessionID) (v feed.Visit, pages []feed.Page, err error) {
	err = a.db.read(ctx, func(tx *gorm.DB) error {
		var visits [][]byte
		if err := tx.Raw("SELECT visit FROM sessions WHERE session = ?", string(id)).Scan(&visits).Error; err != nil {
			return err
		}
		if len(visits) == 0 {
			return feed.ErrSessionNotFound
		}
		if v, err = loadVisit(visits[0]); err != nil {
			return err
		}
		var bodies [][]byte
		if err := tx.Raw("SELECT body FROM pages WHERE session = ? ORDER BY page", string(id)).Scan(&bodies).Error; err != nil {
			return err
		}
		pages = make([]feed.Page, len(bodies))
		for i, body := range bodies {
			if pages[i], err = loadPage(body); err != nil {
				return err
			}
		}
		return nil
	})
	return v, pages, err
}

// Sessions implements feed.PageArchive.
func (a *Archive) Sessions(ctx context.Context, viewer audience.ViewerID, before time.Time, limit int) (out []feed.Summary, err error) {
	query, args := "SELECT session, visit FROM sessions WHERE viewer = ?", []any{string(viewer)}
	if !before.IsZero() {
		query, args = query+" AND started_at < ?", append(args, before.UnixMilli())
	}
	err = a.db.read(ctx, func(tx *gorm.DB) error {
		var rows []struct {
			Session string
			Visit   []byte
		}
		if err := tx.Raw(query+" ORDER BY started_at DESC, session DESC LIMIT ?", append(args, limit)...).Scan(&rows).Error; err != nil {
			return err
		}
		out = make([]feed.Summary, len(rows))
		place := make(map[string]*feed.Summary, len(rows))
		ids := make([]string, len(rows))
		for i, row := range rows {
			if out[i].Visit, err = loadVisit(row.Visit); err != nil {
				return err
			}
			place[row.Session], ids[i] = &out[i], row.Session
		}
		return chunks(ids, func(some []string) error {
			var sums []struct {
				Session string
				Pages   int
				Items   int
				LastAt  int64
			}
			err := tx.Raw("SELECT session, COUNT(*) AS pages, SUM(items) AS items, MAX(served_at) AS last_at FROM pages WHERE session IN ? GROUP BY session",
				padded(some)).Scan(&sums).Error
			for _, s := range sums {
				to := place[s.Session]
				to.Pages, to.Items, to.LastAt = s.Pages, s.Items, timeOf(s.LastAt)
			}
			return err
		})
	})
	return out, err
}

// Served implements feed.PageArchive. The order within a moment is that of the index pages_by_serving, which holds the
// primary key behind its own columns.
func (a *Archive) Served(ctx context.Context, from, until time.Time, after *feed.Exposure, limit int) (out []feed.Exposure, err error) {
	query := "SELECT s.visit, p.body FROM pages p JOIN sessions s ON s.session = p.session WHERE p.served_at >= ? AND p.served_at < ?"
	args := []any{from.UnixMilli(), until.UnixMilli()}
	if after != nil {
		at, viewer, session := after.Page.ServedAt.UnixMilli(), string(after.Visit.Viewer), string(after.Visit.ID)
		args[0] = max(from.UnixMilli(), at)
		query += " AND (p.served_at > ? OR p.viewer > ? OR (p.viewer = ? AND (p.session > ? OR (p.session = ? AND p.page > ?))))"
		args = append(args, at, viewer, viewer, session, session, after.Page.Number)
	}
	err = a.db.readLagging(ctx, func(tx *gorm.DB) error {
		var rows []struct{ Visit, Body []byte }
		if err := tx.Raw(query+" ORDER BY p.served_at, p.viewer, p.session, p.page LIMIT ?", append(args, limit)...).Scan(&rows).Error; err != nil {
			return err
		}
		out = make([]feed.Exposure, len(rows))
		for i, row := range rows {
			if out[i].Visit, err = loadVisit(row.Visit); err != nil {
				return err
			}
			if out[i].Page, err = loadPage(row.Body); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Prune implements pruning.Store. Pages go in the order in which they were served, a session with its last one.
func (a *Archive) Prune(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	var old []struct {
		Session string
		Page    int
	}
	err = a.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT session, page FROM pages WHERE served_at < ? ORDER BY served_at LIMIT ?", before.UnixMilli(), limit).Scan(&old).Error
	})
	for some := range slices.Chunk(old, listIDs) {
		if err != nil {
			break
		}
		pages, sessions := make([]any, 0, 2*len(some)), make([]string, len(some))
		for i, p := range some {
			pages, sessions[i] = append(pages, p.Session, p.Page), p.Session
		}
		slices.Sort(sessions)
		err = a.db.write(ctx, func(tx *gorm.DB) error {
			if err := run(tx, "DELETE FROM pages WHERE (session, page) IN "+a.db.dialect.tuples(len(some), 2), pages); err != nil {
				return err
			}
			return tx.Exec("DELETE FROM sessions WHERE session IN ? AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.session = sessions.session)",
				slices.Compact(sessions)).Error
		})
		pruned += len(some)
	}
	if err != nil {
		return 0, err
	}
	return pruned, nil
}
