package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Turn is the training.Turn over a row of leases, by the database's clock.
type Turn struct{ db *DB }

// NewTurn works on db.
func NewTurn(db *DB) *Turn { return &Turn{db} }

// Take implements training.Turn.
func (t *Turn) Take(ctx context.Context, owner string, long time.Duration) (has bool, err error) {
	err = t.db.write(ctx, func(tx *gorm.DB) error {
		var holder string
		now := t.db.dialect.nowMillis()
		err := tx.Exec("UPDATE leases SET owner = ?, until_ms = "+now+" + ? WHERE name = 'training' AND (owner = ? OR until_ms <= "+now+")",
			owner, long.Milliseconds(), owner).Error
		if err != nil {
			return err
		}
		err = tx.Raw("SELECT owner FROM leases WHERE name = 'training'").Scan(&holder).Error
		has = holder == owner
		return err
	})
	return has && err == nil, err
}

// Give implements training.Turn.
func (t *Turn) Give(ctx context.Context, owner string) error {
	return t.db.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE leases SET owner = '', until_ms = 0 WHERE name = 'training' AND owner = ?", owner).Error
	})
}
