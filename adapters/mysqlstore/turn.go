package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Turn is the training.Turn, or another, over a row of leases, by the database's clock.
type Turn struct {
	db   *DB
	name string
}

// NewTurn is whose turn it is to train.
func NewTurn(db *DB) *Turn { return &Turn{db, "training"} }

// NewCopyingTurn is whose turn it is to copy: the copying.Turn.
func NewCopyingTurn(db *DB) *Turn { return &Turn{db, "copying"} }

// Take implements training.Turn.
func (t *Turn) Take(ctx context.Context, owner string, long time.Duration) (has bool, err error) {
	err = t.db.write(ctx, func(tx *gorm.DB) error {
		var holder string
		now := t.db.dialect.nowMillis()
		err := tx.Exec("UPDATE leases SET owner = ?, until_ms = "+now+" + ? WHERE name = ? AND (owner = ? OR until_ms <= "+now+")",
			owner, long.Milliseconds(), t.name, owner).Error
		if err != nil {
			return err
		}
		err = tx.Raw("SELECT owner FROM leases WHERE name = ?", t.name).Scan(&holder).Error
		has = holder == owner
		return err
	})
	return has && err == nil, err
}

// Give implements training.Turn.
func (t *Turn) Give(ctx context.Context, owner string) error {
	return t.db.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE leases SET owner = '', until_ms = 0 WHERE name = ? AND owner = ?", t.name, owner).Error
	})
}
