package mysqlstore

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

// Models is the recommend.ModelStore and the training.Models. A model's parts are written one by one, each in a transaction of its own, so that
// other writers are not kept waiting; the row that makes it visible comes last. Whoever shows, prunes or activates models, or
// drops parts, first locks the head of log_heads that says which model is in force.
type Models struct{ db *DB }

// NewModels works on db.
func NewModels(db *DB) *Models { return &Models{db} }

const activeModel = "active_model"

// Save implements recommend.ModelStore.
func (m *Models) Save(ctx context.Context, linear *recommend.Model, how recommend.Training) (uint64, error) {
	return m.keep(ctx, linear, how, nil)
}

func (m *Models) keep(ctx context.Context, linear *recommend.Model, how recommend.Training, v *training.Verdict) (uint64, error) {
	version, err := m.next(ctx)
	if err != nil {
		return 0, err
	}
	how.Version = uint64(version)
	parts := &partWriter{ctx: ctx, db: m.db, version: version}
	head, err := trainedmodel.Write(parts, linear, how)
	if err == nil {
		err = parts.Flush()
	}
	stale := []int64{version} // unless it is shown
	if err == nil {
		stale, err = m.show(ctx, version, head, parts.sent, v)
	}
	// If clearing away fails, a later Save does it.
	_ = m.clear(context.WithoutCancel(ctx), stale)
	if err != nil {
		return 0, err
	}
	return uint64(version), nil
}

// next takes a version that nobody else has.
func (m *Models) next(ctx context.Context) (version int64, err error) {
	err = m.db.write(ctx, func(tx *gorm.DB) error {
		head, err := m.db.lockHead(tx, "models")
		if err != nil {
			return err
		}
		version = head + 1
		return setHead(tx, "models", version)
	})
	return version, err
}

// show makes the model visible, puts it in force if it is the newest and not withheld, and forgets the oldest, which it returns.
func (m *Models) show(ctx context.Context, version int64, head []byte, parts int, v *training.Verdict) (forgotten []int64, err error) {
	forgotten = []int64{version}
	err = m.db.write(ctx, func(tx *gorm.DB) error {
		active, err := m.db.lockHead(tx, activeModel)
		if err != nil {
			return err
		}
		var kept []int64
		if err := tx.Raw("SELECT version FROM models ORDER BY version DESC").Scan(&kept).Error; err != nil {
			return err
		}
		var written int
		if err := tx.Raw("SELECT COUNT(*) FROM model_parts WHERE version = ?", version).Scan(&written).Error; err != nil {
			return err
		}
		if written != parts {
			return errUnavailable.Saying("writing the model took so long that its parts were cleared away")
		}
		if err := tx.Exec("INSERT INTO models (version, head, parts) VALUES (?, ?, ?)", version, head, parts).Error; err != nil {
			return err
		}
		if err := insertVerdict(tx, version, v); err != nil {
			return err
		}
		if newest := len(kept) == 0 || kept[0] < version; newest && (v == nil || v.Withheld == "") {
			active = version
			if err := setHead(tx, activeModel, active); err != nil {
				return err
			}
		}
		kept = append(kept, version)
		slices.Sort(kept)
		old := slices.DeleteFunc(kept[:max(0, len(kept)-recommend.KeptModels)], func(v int64) bool { return v == active })
		if len(old) == 0 {
			forgotten = nil
			return nil
		}
		forgotten = old
		if err := tx.Exec("DELETE FROM model_verdicts WHERE version IN ?", old).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM models WHERE version IN ?", old).Error
	})
	return forgotten, err
}

// Active implements recommend.ModelStore.
func (m *Models) Active(ctx context.Context) (uint64, error) {
	var heads []uint64
	err := m.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT head FROM log_heads WHERE name = ?", activeModel).Scan(&heads).Error
	})
	if err != nil || len(heads) == 0 {
		return 0, err
	}
	return heads[0], nil
}

// Activate implements recommend.ModelStore.
func (m *Models) Activate(ctx context.Context, version uint64) error {
	return m.db.write(ctx, func(tx *gorm.DB) error {
		if _, err := m.db.lockHead(tx, activeModel); err != nil {
			return err
		}
		if version != 0 {
			shown, err := isShown(tx, int64(version))
			if err != nil {
				return err
			}
			if !shown {
				return recommend.ErrModelNotFound
			}
		}
		return setHead(tx, activeModel, int64(version))
	})
}

// Load implements recommend.ModelStore.
func (m *Models) Load(ctx context.Context, version uint64) (*recommend.Model, recommend.Training, error) {
	row, err := m.row(ctx, int64(version))
	if err != nil {
		return nil, recommend.Training{}, err
	}
	linear, how, err := trainedmodel.Read(row.Head, &partReader{ctx: ctx, db: m.db, version: int64(version), parts: row.Parts})
	if err == nil && how.Version != version {
		err = recommend.ErrModelUnreadable.Saying("model %d says that it is %d", version, how.Version)
	}
	if err != nil {
		if _, gone := m.row(ctx, int64(version)); errors.Is(gone, recommend.ErrModelNotFound) {
			err = gone // it was pushed out while it was read
		}
		return nil, recommend.Training{}, err
	}
	return linear, how, nil
}

// List implements recommend.ModelStore.
func (m *Models) List(ctx context.Context) ([]recommend.KeptModel, error) {
	active, err := m.Active(ctx)
	if err != nil {
		return nil, err
	}
	var rows []modelRow
	err = m.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT version, head, parts FROM models ORDER BY version DESC").Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	kept := make([]recommend.KeptModel, len(rows))
	for i, row := range rows {
		how, size, _ := trainedmodel.ReadHead(row.Head) // an unreadable one is told by its version
		how.Version = row.Version
		kept[i] = recommend.KeptModel{Training: how, Active: row.Version == active, Bytes: int64(len(row.Head)) + size}
	}
	return kept, nil
}

type modelRow struct {
	Version uint64
	Head    []byte
	Parts   int
}

func (m *Models) row(ctx context.Context, version int64) (modelRow, error) {
	var rows []modelRow
	err := m.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT version, head, parts FROM models WHERE version = ?", version).Scan(&rows).Error
	})
	if err != nil {
		return modelRow{}, err
	}
	if len(rows) == 0 {
		return modelRow{}, recommend.ErrModelNotFound
	}
	return rows[0], nil
}

func isShown(tx *gorm.DB, version int64) (bool, error) {
	var n int
	err := tx.Raw("SELECT COUNT(*) FROM models WHERE version = ?", version).Scan(&n).Error
	return n > 0, err
}
