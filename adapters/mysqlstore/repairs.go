package mysqlstore

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
)

// Repairs is the remembering.Repairs. A viewer marked again after Pending stays on the list when
// Done comes for the earlier mark.
type Repairs struct {
	db *DB

	mu   sync.Mutex
	seen map[audience.ViewerID]int64 // how often each viewer of Pending's answers was marked then
}

// NewRepairs works on db.
func NewRepairs(db *DB) *Repairs { return &Repairs{db: db, seen: make(map[audience.ViewerID]int64)} }

// Mark implements remembering.Repairs.
func (r *Repairs) Mark(ctx context.Context, viewers []audience.ViewerID) error {
	if len(viewers) == 0 {
		return nil
	}
	distinct := slices.Clone(viewers)
	slices.Sort(distinct) // everyone locks in the same order
	return r.db.write(ctx, func(tx *gorm.DB) error {
		rows := newBulk(tx, "repairs", r.db.dialect.onClash(clash{key: []string{"viewer"}, add: []string{"marks"}}), "viewer", "marks")
		for _, viewer := range slices.Compact(distinct) {
			rows.add(string(viewer), 1+rand.Int64N(1<<40)) // a row that went and came again is not taken for the one before
		}
		return rows.flush()
	})
}

// Pending implements remembering.Repairs.
func (r *Repairs) Pending(ctx context.Context, limit int) ([]audience.ViewerID, error) {
	var rows []struct {
		Viewer audience.ViewerID
		Marks  int64
	}
	err := r.db.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw("SELECT viewer, marks FROM repairs ORDER BY viewer LIMIT ?", limit).Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	viewers := make([]audience.ViewerID, len(rows))
	clear(r.seen) // who asks again has given up on the earlier answer
	for i, row := range rows {
		viewers[i], r.seen[row.Viewer] = row.Viewer, row.Marks
	}
	return viewers, nil
}

// Done implements remembering.Repairs.
func (r *Repairs) Done(ctx context.Context, viewers []audience.ViewerID) error {
	r.mu.Lock()
	args := make([]any, 0, 2*len(viewers))
	for _, viewer := range viewers {
		if marks, ok := r.seen[viewer]; ok {
			args = append(args, string(viewer), marks)
		}
	}
	r.mu.Unlock()
	return r.db.write(ctx, func(tx *gorm.DB) error {
		return chunks(args, func(some []any) error { // an even number each, so pairs stay whole
			return run(tx, "DELETE FROM repairs WHERE (viewer, marks) IN "+r.db.dialect.tuples(len(some)/2, 2), some)
		})
	})
}

// Touched implements remembering.Repairs.
func (r *Repairs) Touched(ctx context.Context, since time.Time, after audience.ViewerID, limit int) ([]audience.ViewerID, error) {
	var viewers []audience.ViewerID
	err := r.db.read(ctx, func(tx *gorm.DB) error {
		viewers = nil
		from, past := since.UnixMilli(), string(after)
		return tx.Raw(`SELECT viewer FROM events WHERE received_at >= ? AND viewer > ?
			UNION SELECT viewer FROM pages WHERE served_at >= ? AND viewer > ?
			UNION SELECT viewer FROM viewers WHERE changed_at >= ? AND viewer > ?
			ORDER BY viewer LIMIT ?`, from, past, from, past, from, past, limit).Scan(&viewers).Error
	})
	return viewers, err
}
