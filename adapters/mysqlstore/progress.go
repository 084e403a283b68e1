package mysqlstore

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/engagement"
)

// Progress is the notifying.Progress over the row of captures that is named tasks, by the database's clock. Who lost the right
// cannot put anything down any more, however late it notices.
type Progress struct{ db *DB }

// NewProgress works on db.
func NewProgress(db *DB) *Progress { return &Progress{db} }

// Take implements notifying.Progress. The first one makes the row.
func (p *Progress) Take(ctx context.Context, owner string, long time.Duration) (has bool, at notifying.Place, err error) {
	var rows []struct {
		Owner  string
		DoneTo string
	}
	err = p.db.write(ctx, func(tx *gorm.DB) error {
		rows = nil
		now := p.db.dialect.nowMillis()
		take := func() error {
			err := tx.Exec("UPDATE captures SET owner = ?, until_ms = "+now+" + ? WHERE name = 'tasks' AND (owner = ? OR until_ms <= "+now+")",
				owner, long.Milliseconds(), owner).Error
			if err != nil {
				return err
			}
			return tx.Raw("SELECT owner, done_to FROM captures WHERE name = 'tasks'").Scan(&rows).Error
		}
		if err := take(); err != nil || len(rows) > 0 {
			return err
		}
		err := tx.Exec("INSERT INTO captures (name, owner, until_ms, done_to, kept_at, gaps) VALUES ('tasks', '', 0, '', 0, 0)" +
			p.db.dialect.onClash(clash{key: []string{"name"}})).Error
		if err != nil {
			return err
		}
		return take()
	})
	if err != nil || len(rows) == 0 || rows[0].Owner != owner {
		return false, notifying.Place{}, err
	}
	if rows[0].DoneTo == "" {
		return true, notifying.Place{}, nil
	}
	n, err := strconv.ParseUint(rows[0].DoneTo, 10, 64)
	return err == nil, notifying.Place{Kept: true, UpTo: engagement.Offset(n)}, err
}

// Keep implements notifying.Progress.
func (p *Progress) Keep(ctx context.Context, owner string, upTo engagement.Offset) error {
	return p.db.write(ctx, func(tx *gorm.DB) error {
		var owners []string
		err := tx.Raw("SELECT owner FROM captures WHERE name = 'tasks'" + p.db.dialect.forUpdate()).Scan(&owners).Error
		if err != nil {
			return err
		}
		if len(owners) == 0 || owners[0] != owner {
			return notifying.ErrTaken
		}
		return tx.Exec("UPDATE captures SET done_to = ?, kept_at = "+p.db.dialect.nowMillis()+" WHERE name = 'tasks'",
			strconv.FormatUint(uint64(upTo), 10)).Error
	})
}

// Give implements notifying.Progress.
func (p *Progress) Give(ctx context.Context, owner string) error {
	return p.db.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE captures SET owner = '', until_ms = 0 WHERE name = 'tasks' AND owner = ?", owner).Error
	})
}
