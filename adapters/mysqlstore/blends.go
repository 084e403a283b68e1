package mysqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"math"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/recommend"
)

// Blends is the recommend.BlendStore. What was learned from weights that nobody has used for staleBlend goes when the
// same feed begins with others.
type Blends struct{ db *DB }

// NewBlends works on db.
func NewBlends(db *DB) *Blends { return &Blends{db} }

// staleBlend is in milliseconds.
const staleBlend = 30 * 24 * 60 * 60 * 1000

// learnedForm is recommend.Learned as it is stored.
type learnedForm struct {
	Steps uint64 `json:"steps"`
	leaningForm
	Apart map[string]leaningForm `json:"apart,omitempty"`
}

type leaningForm struct {
	Weights map[string]float64 `json:"weights"`
	Squares map[string]float64 `json:"squares"`
}

func formOf(l recommend.Learned) learnedForm {
	form := learnedForm{l.Steps, leaningForm(l.Leaning), make(map[string]leaningForm, len(l.Apart))}
	for name, leaning := range l.Apart {
		form.Apart[name] = leaningForm(leaning)
	}
	return form
}

func (form learnedForm) learned() recommend.Learned {
	l := recommend.Learned{Steps: form.Steps, Leaning: recommend.Leaning(form.leaningForm), Apart: make(map[string]recommend.Leaning, len(form.Apart))}
	for name, leaning := range form.Apart {
		l.Apart[name] = recommend.Leaning(leaning)
	}
	return l
}

// Load implements recommend.BlendStore.
func (b *Blends) Load(ctx context.Context, feed, key string) (recommend.KeptBlend, error) {
	var rows []struct {
		UpTo, Choices uint64
		Content       []byte
	}
	err := b.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT up_to, choices, content FROM blends WHERE feed = ? AND prior = ?", feed, key).Scan(&rows).Error
	})
	if err != nil {
		return recommend.KeptBlend{}, err
	}
	if len(rows) == 0 {
		return recommend.KeptBlend{}, recommend.ErrBlendNotFound
	}
	var form learnedForm
	decoder := json.NewDecoder(bytes.NewReader(rows[0].Content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&form); err != nil {
		return recommend.KeptBlend{}, recommend.ErrBlendUnreadable.Because(err)
	}
	return recommend.KeptBlend{Learned: form.learned(), UpTo: rows[0].UpTo, Choices: rows[0].Choices}, nil
}

// Save implements recommend.BlendStore.
func (b *Blends) Save(ctx context.Context, feed, key string, kept recommend.KeptBlend) error {
	content, err := json.Marshal(formOf(kept.Learned))
	if err != nil {
		return err
	}
	now := b.db.dialect.nowMillis()
	return b.db.write(ctx, func(tx *gorm.DB) error {
		var upTo []int64
		if err := tx.Raw("SELECT up_to FROM blends WHERE feed = ? AND prior = ?"+b.db.dialect.forUpdate(), feed, key).Scan(&upTo).Error; err != nil {
			return err
		}
		switch {
		case kept.UpTo > math.MaxInt64 || len(upTo) > 0 && upTo[0] >= int64(kept.UpTo):
			return nil
		case len(upTo) > 0:
			return tx.Exec("UPDATE blends SET up_to = ?, choices = ?, kept_at = "+now+", content = ? WHERE feed = ? AND prior = ?",
				kept.UpTo, kept.Choices, content, feed, key).Error
		}
		if err := tx.Exec("DELETE FROM blends WHERE feed = ? AND kept_at < "+now+" - ?", feed, staleBlend).Error; err != nil {
			return err
		}
		// Where another instance was faster, the transaction runs again.
		return tx.Exec("INSERT INTO blends (feed, prior, up_to, choices, kept_at, content) VALUES (?, ?, ?, ?, "+now+", ?)",
			feed, key, kept.UpTo, kept.Choices, content).Error
	})
}
