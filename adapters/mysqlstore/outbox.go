package mysqlstore

import (
	"context"
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
func (o *Outbox) Relay(ctx context.Context, owner string, limit int, deliver func([]catalog.Snapshot) error) (int, error) {
	if !o.busy.TryLock() {
		return 0, nil
	}
	defer o.busy.Unlock()
	waiting, err := o.waiting(ctx)
	if err != nil || !waiting {
		return 0, err
	}
	leased, err := o.lease(ctx, owner)
	if err != nil || !leased {
		return 0, err
	}
	seqs, facts, err := o.oldest(ctx, limit)
	if err == nil && len(facts) > 0 {
		err = deliver(facts)
	}
	if err != nil {
		// Another owner need not wait for the lease to run out; if this fails too, it will.
		_ = o.forget(context.WithoutCancel(ctx), owner, nil)
		return 0, err
	}
	if err := o.forget(ctx, owner, seqs); err != nil {
		return 0, err
	}
	return len(facts), nil
}

// Pending implements catalog.Outbox.
func (o *Outbox) Pending(ctx context.Context) (n int64, err error) {
	err = o.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT COUNT(*) FROM outbox").Scan(&n).Error
	})
	return n, err
}

func (o *Outbox) waiting(ctx context.Context) (bool, error) {
	var seqs []int64
	err := o.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT seq FROM outbox ORDER BY seq LIMIT 1").Scan(&seqs).Error
	})
	return len(seqs) > 0, err
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

func (o *Outbox) oldest(ctx context.Context, limit int) (seqs []int64, facts []catalog.Snapshot, err error) {
	err = o.db.read(ctx, func(tx *gorm.DB) error {
		seqs = nil
		if err := tx.Raw("SELECT seq FROM outbox ORDER BY seq LIMIT ?", limit).Scan(&seqs).Error; err != nil || len(seqs) == 0 {
			return err
		}
		facts = nil
		return chunks(seqs, func(some []int64) error {
			found, err := itemsIn(tx, selectItem+"outbox WHERE seq IN ? ORDER BY seq", padded(some))
			facts = append(facts, found...)
			return err
		})
	})
	return seqs, facts, err
}

// forget drops what was delivered and lets go of the lease.
func (o *Outbox) forget(ctx context.Context, owner string, seqs []int64) error {
	return o.db.write(ctx, func(tx *gorm.DB) error {
		err := chunks(seqs, func(some []int64) error {
			return tx.Exec("DELETE FROM outbox WHERE seq IN ?", some).Error
		})
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE leases SET until_ms = 0 WHERE name = 'outbox' AND owner = ?", owner).Error
	})
}
