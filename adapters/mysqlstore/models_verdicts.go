package mysqlstore

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// storedVerdict is a training.Verdict at rest.
type storedVerdict struct {
	Withheld string  `json:"withheld,omitempty"`
	Floor    float64 `json:"floor"`
	Against  uint64  `json:"against"`
	Compared int     `json:"compared"`
	Its      float64 `json:"its"`
	Theirs   float64 `json:"theirs"`
}

// Keep implements training.Models.
func (m *Models) Keep(ctx context.Context, linear *recommend.Model, how recommend.Training, v training.Verdict) (uint64, error) {
	return m.keep(ctx, linear, how, &v)
}

func insertVerdict(tx *gorm.DB, version int64, v *training.Verdict) error {
	if v == nil {
		return nil
	}
	content, err := json.Marshal(storedVerdict(*v))
	if err != nil {
		return err
	}
	return tx.Exec("INSERT INTO model_verdicts (version, content) VALUES (?, ?)", version, content).Error
}

// Verdicts implements training.Models. One that cannot be read is left out.
func (m *Models) Verdicts(ctx context.Context) (map[uint64]training.Verdict, error) {
	var rows []struct {
		Version uint64
		Content []byte
	}
	err := m.db.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw("SELECT version, content FROM model_verdicts").Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	all := make(map[uint64]training.Verdict, len(rows))
	for _, row := range rows {
		var v storedVerdict
		if json.Unmarshal(row.Content, &v) == nil {
			all[row.Version] = training.Verdict(v)
		}
	}
	return all, nil
}

// Removed implements training.Catalogue.
func (r *Items) Removed(ctx context.Context, ids []catalog.ItemID) ([]bool, error) {
	gone := make(map[catalog.ItemID]bool)
	err := r.db.read(ctx, func(tx *gorm.DB) error {
		return chunks(ids, func(some []catalog.ItemID) error {
			var found []catalog.ItemID
			err := tx.Raw("SELECT id FROM items WHERE id IN ? AND state = ?", padded(some), catalog.Removed).Scan(&found).Error
			for _, id := range found {
				gone[id] = true
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	removed := make([]bool, len(ids))
	for i, id := range ids {
		removed[i] = gone[id]
	}
	return removed, nil
}
