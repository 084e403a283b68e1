package mysqlstore

import (
	"context"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// ViewerRecords is the rebuilding.Records: Recollection for many viewers by few statements.
type ViewerRecords struct {
	db *DB

	mu      sync.Mutex
	numbers map[catalog.ItemID]catalog.Number // of items that were asked for lately
}

// numbersKept bounds the items whose numbers are remembered; past it they are asked for anew.
const numbersKept = 200_000

// NewViewerRecords works on db.
func NewViewerRecords(db *DB) *ViewerRecords {
	return &ViewerRecords{db: db, numbers: make(map[catalog.ItemID]catalog.Number)}
}

// Active implements rebuilding.Records. Each step goes on along three indexes in the viewers' order, so all of them together
// take time in proportion to the viewers.
func (r *ViewerRecords) Active(ctx context.Context, since time.Time, after audience.ViewerID, limit int) (active []audience.ViewerID, last audience.ViewerID, err error) {
	var ids []audience.ViewerID
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		ids = nil
		some := " WHERE viewer > ? ORDER BY viewer LIMIT ?"
		return tx.Raw("SELECT viewer FROM (SELECT DISTINCT viewer FROM events"+some+") e UNION SELECT viewer FROM (SELECT DISTINCT viewer FROM pages"+some+
			") p UNION SELECT viewer FROM (SELECT viewer FROM viewers"+some+") v ORDER BY viewer LIMIT ?",
			string(after), limit, string(after), limit, string(after), limit, limit).Scan(&ids).Error
	})
	if err != nil {
		return nil, "", err
	}
	if len(ids) == limit {
		last = ids[limit-1]
	}
	if since.IsZero() {
		return ids, last, nil
	}
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		active = nil
		return chunks(ids, func(some []audience.ViewerID) error {
			var found []audience.ViewerID
			some, from := padded(some), since.UnixMilli()
			err := tx.Raw(`SELECT e.viewer FROM events e JOIN (SELECT MAX(pos) AS pos FROM events WHERE viewer IN ? GROUP BY viewer) n ON n.pos = e.pos WHERE e.received_at >= ?
				UNION SELECT viewer FROM pages WHERE viewer IN ? GROUP BY viewer HAVING MAX(served_at) >= ?
				UNION SELECT viewer FROM viewers WHERE viewer IN ? AND changed_at >= ? ORDER BY viewer`, some, from, some, from, some, from).Scan(&found).Error
			active = append(active, found...)
			return err
		})
	})
	return active, last, err
}

// RecollectAll implements rebuilding.Records.
func (r *ViewerRecords) RecollectAll(ctx context.Context, ids []audience.ViewerID) (all []audience.Knowledge, err error) {
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		all = make([]audience.Knowledge, len(ids))
		for from := 0; from < len(ids); from += branches {
			some := ids[from:min(from+branches, len(ids))]
			if err := r.recollect(tx, some, all[from:from+len(some)]); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

func (r *ViewerRecords) recollect(tx *gorm.DB, ids []audience.ViewerID, into []audience.Knowledge) error {
	if err := viewersOf(tx, ids, into); err != nil {
		return err
	}
	pasts, err := r.db.dialect.pastsOf(tx, ids)
	if err != nil {
		return err
	}
	var items []catalog.ItemID
	for _, p := range pasts {
		items = p.items(items)
	}
	numbers, err := r.numbersOf(tx, items)
	if err != nil {
		return err
	}
	served, err := r.db.dialect.servedToAll(tx, ids)
	if err != nil {
		return err
	}
	for i, p := range pasts {
		into[i].Actions = p.recent()
		into[i].Memory = audience.Memory{Served: served[i], Seen: marksOf(p.seen, numbers), Consumed: marksOf(p.consumed, numbers)}
	}
	return nil
}

// numbersOf answers from what was asked for lately where it can: what viewers met is mostly the same.
func (r *ViewerRecords) numbersOf(tx *gorm.DB, ids []catalog.ItemID) (map[catalog.ItemID]catalog.Number, error) {
	numbers, unknown := make(map[catalog.ItemID]catalog.Number, len(ids)), []catalog.ItemID(nil)
	r.mu.Lock()
	for _, id := range ids {
		if n, ok := r.numbers[id]; ok {
			numbers[id] = n
		} else {
			unknown = append(unknown, id)
		}
	}
	r.mu.Unlock()
	slices.Sort(unknown)
	found := make(map[catalog.ItemID]catalog.Number, len(unknown))
	if err := numbersInto(tx, slices.Compact(unknown), found); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.numbers)+len(found) > numbersKept {
		clear(r.numbers)
	}
	for id, n := range found {
		numbers[id] = n
		if len(r.numbers) < numbersKept {
			r.numbers[id] = n
		}
	}
	return numbers, nil
}

// sessionsAtOnce bounds the pages that are held in memory: a thousand each at most, and mostly a few.
const sessionsAtOnce = 64

// Sessions implements rebuilding.Records.
func (r *ViewerRecords) Sessions(ctx context.Context, ids []audience.ViewerID, since time.Time, tell func([]rebuilding.Session) error) error {
	var visits []feed.Visit
	err := r.db.read(ctx, func(tx *gorm.DB) error {
		visits = nil
		return chunks(ids, func(some []audience.ViewerID) error {
			var rows [][]byte
			if err := tx.Raw("SELECT visit FROM sessions WHERE viewer IN ? AND started_at >= ?", padded(some), since.UnixMilli()).Scan(&rows).Error; err != nil {
				return err
			}
			for _, row := range rows {
				v, err := loadVisit(row)
				if err != nil {
					return err
				}
				visits = append(visits, v)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(visits, sessionsAtOnce) {
		sessions, err := r.pagesOf(ctx, some)
		if err != nil {
			return err
		}
		if err := tell(sessions); err != nil {
			return err
		}
	}
	return nil
}

func (r *ViewerRecords) pagesOf(ctx context.Context, visits []feed.Visit) (sessions []rebuilding.Session, err error) {
	ids, place := make([]string, len(visits)), make(map[string]int, len(visits))
	for i, v := range visits {
		ids[i], place[string(v.ID)] = string(v.ID), i
	}
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		sessions = make([]rebuilding.Session, len(visits))
		for i, v := range visits {
			sessions[i].Visit = v
		}
		var rows []struct {
			Session string
			Body    []byte
		}
		if err := tx.Raw("SELECT session, body FROM pages WHERE session IN ? ORDER BY session, page", padded(ids)).Scan(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			p, err := loadPage(row.Body)
			if err != nil {
				return err
			}
			s := &sessions[place[row.Session]]
			s.Pages = append(s.Pages, p)
		}
		return nil
	})
	return sessions, err
}
