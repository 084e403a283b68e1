package mysqlstore

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/capturing"
)

// Checkpoints is the capturing.Checkpoints over a row of captures, by the database's clock. Who lost the right to read
// cannot put anything down any more, however late it notices.
type Checkpoints struct{ db *DB }

// NewCheckpoints works on db.
func NewCheckpoints(db *DB) *Checkpoints { return &Checkpoints{db} }

// Take implements capturing.Checkpoints.
func (c *Checkpoints) Take(ctx context.Context, owner string, long time.Duration) (has bool, position string, err error) {
	var row struct {
		Owner  string
		DoneTo string
	}
	err = c.db.write(ctx, func(tx *gorm.DB) error {
		now := c.db.dialect.nowMillis()
		err := tx.Exec("UPDATE captures SET owner = ?, until_ms = "+now+" + ? WHERE name = 'binlog' AND (owner = ? OR until_ms <= "+now+")",
			owner, long.Milliseconds(), owner).Error
		if err != nil {
			return err
		}
		return tx.Raw("SELECT owner, done_to FROM captures WHERE name = 'binlog'").Scan(&row).Error
	})
	if err != nil || row.Owner != owner {
		return false, "", err
	}
	return true, row.DoneTo, nil
}

// Keep implements capturing.Checkpoints.
func (c *Checkpoints) Keep(ctx context.Context, owner, position string, told []int64) error {
	told = slices.Sorted(slices.Values(told)) // everyone locks in the same order
	return c.put(ctx, owner, position, 0, func(tx *gorm.DB) error { return forget(tx, told) })
}

// Skip implements capturing.Checkpoints.
func (c *Checkpoints) Skip(ctx context.Context, owner, position string) error {
	return c.put(ctx, owner, position, 1, func(*gorm.DB) error { return nil })
}

func (c *Checkpoints) put(ctx context.Context, owner, position string, gaps int, also func(tx *gorm.DB) error) error {
	return c.db.write(ctx, func(tx *gorm.DB) error {
		var owners []string
		err := tx.Raw("SELECT owner FROM captures WHERE name = 'binlog'" + c.db.dialect.forUpdate()).Scan(&owners).Error
		if err != nil {
			return err
		}
		if len(owners) == 0 || owners[0] != owner {
			return capturing.ErrTaken
		}
		err = tx.Exec("UPDATE captures SET done_to = ?, kept_at = "+c.db.dialect.nowMillis()+", gaps = gaps + ? WHERE name = 'binlog'", position, gaps).Error
		if err != nil {
			return err
		}
		return also(tx)
	})
}

// Give implements capturing.Checkpoints.
func (c *Checkpoints) Give(ctx context.Context, owner string) error {
	return c.db.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE captures SET owner = '', until_ms = 0 WHERE name = 'binlog' AND owner = ?", owner).Error
	})
}

// Gaps implements capturing.Checkpoints.
func (c *Checkpoints) Gaps(ctx context.Context) (gaps uint64, err error) {
	err = c.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT gaps FROM captures WHERE name = 'binlog'").Scan(&gaps).Error
	})
	return gaps, err
}
