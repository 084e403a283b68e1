package mysqlstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/fault"
)

var errNoWorker = fault.New(fault.Unavailable, "no_worker_id", "all worker ids are held by other processes")

// Workers leases worker ids, by the database's clock. Each row keeps how far the ids issued under it can reach.
//
// Every change is one statement that says what it expects to find. So a process that is stopped in the midst of it keeps
// nobody from taking its place.
type Workers struct{ db *DB }

// NewWorkers works on db.
func NewWorkers(db *DB) *Workers { return &Workers{db} }

// workerRow is one of workers. A number without a row was never held.
type workerRow struct {
	Worker int
	Owner  string
	Reach  int64
	Ended  bool
}

// Take implements snowflake.Leases.
func (w *Workers) Take(ctx context.Context, owner string, workers int, lease time.Duration, reach time.Time) (int, time.Time, error) {
	for {
		free, err := w.free(ctx, workers)
		if err != nil {
			return 0, time.Time{}, err
		}
		if err := w.claim(ctx, free, owner, lease, reach); err != nil {
			return 0, time.Time{}, failure(ctx, err)
		}
		held, err := w.holds(ctx, owner, free.Worker)
		switch {
		case err != nil:
			return 0, time.Time{}, err
		case !held: // another was faster
			continue
		case free.Reach == 0:
			return free.Worker, time.Time{}, nil
		}
		return free.Worker, timeOf(free.Reach), nil
	}
}

// free finds the number with the earliest reach that nobody holds.
func (w *Workers) free(ctx context.Context, workers int) (workerRow, error) {
	var rows []workerRow
	query := "SELECT worker, owner, reach_ms AS reach, until_ms <= " + w.db.dialect.nowMillis() + " AS ended FROM workers WHERE worker < ? ORDER BY worker"
	err := w.db.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw(query, workers).Scan(&rows).Error
	})
	if err != nil {
		return workerRow{}, err
	}
	earliest := workerRow{Worker: -1}
	for n, row := range rows {
		if row.Worker != n {
			return workerRow{Worker: n}, nil
		}
		if row.Ended && (earliest.Worker < 0 || row.Reach < earliest.Reach) {
			earliest = row
		}
	}
	switch {
	case len(rows) < workers:
		return workerRow{Worker: len(rows)}, nil
	case earliest.Worker < 0:
		return earliest, errNoWorker.Saying("all %d worker ids are held by other processes", workers)
	}
	return earliest, nil
}

// claim makes owner the holder if the row is still as it was found.
func (w *Workers) claim(ctx context.Context, found workerRow, owner string, lease time.Duration, reach time.Time) error {
	now, ms, to := w.db.dialect.nowMillis(), lease.Milliseconds(), max(reach.UnixMilli(), found.Reach)
	if found.Reach == 0 {
		err := w.db.execute(ctx, "INSERT INTO workers (worker, owner, until_ms, reach_ms) VALUES (?, ?, "+now+" + ?, ?)", found.Worker, owner, ms, to)
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil
		}
		return err
	}
	return w.db.execute(ctx, "UPDATE workers SET owner = ?, until_ms = "+now+" + ?, reach_ms = ? WHERE worker = ? AND owner = ? AND reach_ms = ? AND until_ms <= "+now,
		owner, ms, to, found.Worker, found.Owner, found.Reach)
}

// holds answers whether the number is owner's. Once lost, it is so again only by another Take.
func (w *Workers) holds(ctx context.Context, owner string, worker int) (bool, error) {
	var holders []string
	err := w.db.read(ctx, func(tx *gorm.DB) error {
		holders = nil
		return tx.Raw("SELECT owner FROM workers WHERE worker = ?", worker).Scan(&holders).Error
	})
	return err == nil && len(holders) == 1 && holders[0] == owner, err
}

// Renew implements snowflake.Leases.
func (w *Workers) Renew(ctx context.Context, owner string, worker int, lease time.Duration, reach time.Time) (bool, error) {
	greatest := "GREATEST"
	if w.db.dialect == sqliteDialect {
		greatest = "MAX"
	}
	err := w.db.execute(ctx, "UPDATE workers SET until_ms = "+w.db.dialect.nowMillis()+" + ?, reach_ms = "+greatest+"(reach_ms, ?) WHERE worker = ? AND owner = ?",
		lease.Milliseconds(), reach.UnixMilli(), worker, owner)
	if err != nil {
		return false, failure(ctx, err)
	}
	return w.holds(ctx, owner, worker)
}

// Give implements snowflake.Leases.
func (w *Workers) Give(ctx context.Context, owner string, worker int) error {
	return failure(ctx, w.db.execute(ctx, "UPDATE workers SET owner = '', until_ms = 0 WHERE worker = ? AND owner = ?", worker, owner))
}
