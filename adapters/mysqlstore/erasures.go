package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
)

// Erasures are the notices that tell every instance whom to forget: the erasing.Notices. They hold ids encrypted.
type Erasures struct {
	db   *DB
	seal *seal
}

// NewErasures works on db.
func NewErasures(db *DB) *Erasures { return &Erasures{db, &seal{secrets: NewSecrets(db)}} }

// Erase implements erasing.Store: it posts a notice, and removes nothing itself. It comes after the stores that hold
// the viewer's events, so that whoever hears of it does not read them any more.
func (e *Erasures) Erase(ctx context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	sealed, err := e.seal.close(ctx, viewer)
	if err != nil {
		return nil, err
	}
	return nil, e.db.write(ctx, func(tx *gorm.DB) error {
		head, err := e.db.lockHead(tx, "erasures")
		if err != nil {
			return err
		}
		err = tx.Exec("INSERT INTO erasures (pos, posted_at, sealed) VALUES (?, "+e.db.dialect.nowMillis()+", ?)", head+1, sealed).Error
		if err != nil {
			return err
		}
		return setHead(tx, "erasures", head+1)
	})
}

// Head implements erasing.Notices.
func (e *Erasures) Head(ctx context.Context) (uint64, error) {
	var heads []uint64
	err := e.db.read(ctx, func(tx *gorm.DB) error {
		heads = nil
		return tx.Raw("SELECT head FROM log_heads WHERE name = 'erasures'").Scan(&heads).Error
	})
	if err != nil || len(heads) == 0 {
		return 0, err
	}
	return heads[0], nil
}

// Since implements erasing.Notices.
func (e *Erasures) Since(ctx context.Context, after uint64, limit int) ([]audience.ViewerID, error) {
	head, err := e.Head(ctx)
	if err != nil || head == after {
		return nil, err
	}
	var rows []struct {
		Pos    uint64
		Sealed []byte
	}
	err = e.db.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw("SELECT pos, sealed FROM erasures WHERE pos > ? ORDER BY pos LIMIT ?", after, limit).Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || rows[0].Pos != after+1 {
		return nil, erasing.ErrNoticesGone
	}
	viewers := make([]audience.ViewerID, len(rows))
	for i, row := range rows {
		if viewers[i], err = e.seal.open(ctx, row.Sealed); err != nil {
			return nil, err
		}
	}
	return viewers, nil
}

// Expire implements erasing.Notices.
func (e *Erasures) Expire(ctx context.Context, age time.Duration) error {
	return e.db.write(ctx, func(tx *gorm.DB) error {
		if _, err := e.db.lockHead(tx, "erasures"); err != nil { // none goes while others are read after it
			return err
		}
		return tx.Exec("DELETE FROM erasures WHERE posted_at <= "+e.db.dialect.nowMillis()+" - ?", age.Milliseconds()).Error
	})
}
