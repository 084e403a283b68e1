package mysqlstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/catalog"
)

// relayLease is how long the fleet waits for a relay that died. One whose delivery takes longer
// may see its facts delivered by another too.
const relayLease = 3 * time.Second

// Outbox is the catalog.Outbox over what Items wrote.
type Outbox struct {
	db   *DB
	busy sync.Mutex // one relay in this process, whatever the owners are called
}

// NewOutbox works on db.
func NewOutbox(db *DB) *Outbox { return &Outbox{db: db} }

// Relay implements catalog.Outbox.
func (o *Outbox) Relay(ctx context.Context, owner string, limit int, deliver func([]catalog.Snapshot) ([]error, error)) (done catalog.Relayed, err error) {
	if !o.busy.TryLock() {
		return done, nil
	}
	defer o.busy.Unlock()
	due, err := o.due(ctx, 1)
	if err != nil || len(due) == 0 {
		return done, err
	}
	leased, err := o.lease(ctx, owner)
	if err != nil || !leased {
		return done, err
	}
	rows, err := o.oldest(ctx, limit)
	if err == nil {
		err = handOver(rows, deliver)
	}
	if err != nil {
		// Another owner need not wait for the lease to run out; if this fails too, it will.
		_, _ = o.settle(context.WithoutCancel(ctx), owner, nil)
		return done, err
	}
	return o.settle(ctx, owner, rows)
}

// handOver has the rows that can be read delivered. One whose item has an unreadable row before it is held.
func handOver(rows []factRow, deliver func([]catalog.Snapshot) ([]error, error)) error {
	var facts []catalog.Snapshot
	var at []int
	broken := map[catalog.ItemID]bool{}
	for i := range rows {
		r := &rows[i]
		switch {
		case broken[r.item]:
			r.outcome = catalog.ErrHeld
		case r.outcome != nil:
			broken[r.item] = true
		default:
			facts, at = append(facts, r.fact), append(at, i)
		}
	}
	if len(facts) == 0 {
		return nil
	}
	outcomes, err := deliver(facts)
	if err != nil {
		return err
	}
	for k, i := range at {
		rows[i].outcome = outcomes[k]
	}
	return nil
}

// due are the first facts that may be delivered now: neither they nor earlier ones of their item rest after a failure.
func (o *Outbox) due(ctx context.Context, limit int) (seqs []int64, err error) {
	err = o.db.read(ctx, func(tx *gorm.DB) error {
		seqs = nil
		return tx.Raw("SELECT seq FROM outbox WHERE NOT EXISTS (SELECT 1 FROM outbox_trials WHERE outbox_trials.id = outbox.id"+
			" AND outbox_trials.seq <= outbox.seq AND outbox_trials.retry_at > "+o.db.dialect.nowMillis()+") ORDER BY seq LIMIT ?", limit).Scan(&seqs).Error
	})
	return seqs, err
}

// lease takes the lease if nobody else holds it, by the database's clock.
func (o *Outbox) lease(ctx context.Context, owner string) (bool, error) {
	var holders []string
	err := o.db.write(ctx, func(tx *gorm.DB) error {
		now := o.db.dialect.nowMillis()
		err := tx.Exec("UPDATE leases SET owner = ?, until_ms = "+now+" + ? WHERE name = 'outbox' AND (owner = ? OR until_ms <= "+now+")",
			owner, relayLease.Milliseconds(), owner).Error
		if err != nil {
			return err
		}
		return tx.Raw("SELECT owner FROM leases WHERE name = 'outbox'").Scan(&holders).Error
	})
	return err == nil && len(holders) == 1 && holders[0] == owner, err
}

func (o *Outbox) oldest(ctx context.Context, limit int) (rows []factRow, err error) {
	seqs, err := o.due(ctx, limit)
	if err != nil {
		return nil, err
	}
	err = o.db.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return chunks(seqs, func(some []int64) error {
			found, err := factsIn(tx, some)
			rows = append(rows, found...)
			return err
		})
	})
	return rows, err
}

// settle puts down what became of the rows and lets go of the lease, in one transaction.
func (o *Outbox) settle(ctx context.Context, owner string, rows []factRow) (done catalog.Relayed, err error) {
	err = o.db.write(ctx, func(tx *gorm.DB) error {
		done = catalog.Relayed{Taken: len(rows)}
		var delivered []int64
		for i := range rows {
			switch r := &rows[i]; {
			case r.outcome == nil:
				delivered = append(delivered, r.seq)
			case !errors.Is(r.outcome, catalog.ErrHeld):
				buried, err := o.failed(tx, r)
				if err != nil {
					return err
				}
				done.Failed++
				if buried {
					done.Buried++
				}
			}
		}
		done.Delivered = len(delivered)
		if err := forget(tx, delivered); err != nil {
			return err
		}
		return tx.Exec("UPDATE leases SET until_ms = 0 WHERE name = 'outbox' AND owner = ?", owner).Error
	})
	if err != nil {
		return catalog.Relayed{}, err
	}
	return done, nil
}

// Backlog implements catalog.Outbox.
func (o *Outbox) Backlog(ctx context.Context) (b catalog.Backlog, err error) {
	err = o.db.read(ctx, func(tx *gorm.DB) error {
		var row struct{ Pending, Oldest, Dead, Stale int64 }
		err := tx.Raw("SELECT (SELECT COUNT(*) FROM outbox) AS pending," +
			" COALESCE((SELECT " + o.db.dialect.nowMillis() + " - changed_at FROM outbox ORDER BY seq LIMIT 1), 0) AS oldest," +
			" (SELECT COUNT(*) FROM dead_letters WHERE overtaken <= version) AS dead," +
			" (SELECT COUNT(*) FROM dead_letters WHERE overtaken > version) AS stale").Scan(&row).Error
		b = catalog.Backlog{
			Pending: row.Pending, Oldest: time.Duration(max(0, row.Oldest)) * time.Millisecond, Dead: row.Dead, Stale: row.Stale,
		}
		return err
	})
	return b, err
}
