package mysqlstore

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/catalog"
)

// longestError is what is kept of why a fact failed.
const longestError = 1000

const factColumns = "seq, number, id, state, version, changed_at, details, payload"

// failed counts a failure against the row, and buries it after the last. A row that somebody else delivered meanwhile
// is left alone.
func (o *Outbox) failed(tx *gorm.DB, r *factRow) (buried bool, err error) {
	var past []struct{ Failures, Overtaken int64 }
	if err := tx.Raw("SELECT failures, overtaken FROM outbox_trials WHERE seq = ?", r.seq).Scan(&past).Error; err != nil {
		return false, err
	}
	failures, overtaken := int64(1), int64(0)
	if len(past) > 0 {
		failures, overtaken = past[0].Failures+1, past[0].Overtaken
	}
	if err := tx.Exec("DELETE FROM outbox_trials WHERE seq = ?", r.seq).Error; err != nil {
		return false, err
	}
	now, why := o.db.dialect.nowMillis(), shortened(r.outcome)
	if failures < catalog.MostFailures {
		rest := catalog.RetryAfter(int(failures), rand.Float64()).Milliseconds()
		return false, tx.Exec("INSERT INTO outbox_trials (seq, id, version, failures, error, retry_at, overtaken)"+
			" SELECT seq, id, version, ?, ?, "+now+" + ?, ? FROM outbox WHERE seq = ?", failures, why, rest, overtaken, r.seq).Error
	}
	moved := tx.Exec("INSERT INTO dead_letters ("+factColumns+", failures, error, died_at, overtaken)"+
		" SELECT "+factColumns+", ?, ?, "+now+", ? FROM outbox WHERE seq = ?", failures, why, overtaken, r.seq)
	if moved.Error != nil {
		return false, moved.Error
	}
	return moved.RowsAffected > 0, tx.Exec("DELETE FROM outbox WHERE seq = ?", r.seq).Error
}

// forget drops delivered facts from the outbox, and marks failed ones of their items that they overtook.
func forget(tx *gorm.DB, seqs []int64) error {
	return chunks(seqs, func(some []int64) error {
		var newest []struct {
			ID      string
			Version int64
		}
		err := tx.Raw("SELECT id, MAX(version) AS version FROM outbox WHERE seq IN ?"+
			" AND (id IN (SELECT id FROM dead_letters) OR id IN (SELECT id FROM outbox_trials)) GROUP BY id ORDER BY id", some).Scan(&newest).Error
		if err != nil {
			return err
		}
		for _, n := range newest {
			for _, table := range []string{"outbox_trials", "dead_letters"} {
				err := tx.Exec("UPDATE "+table+" SET overtaken = ? WHERE id = ? AND version < ? AND overtaken < ?", n.Version, n.ID, n.Version, n.Version).Error
				if err != nil {
					return err
				}
			}
		}
		if len(newest) > 0 {
			if err := tx.Exec("DELETE FROM outbox_trials WHERE seq IN ?", some).Error; err != nil {
				return err
			}
		}
		return tx.Exec("DELETE FROM outbox WHERE seq IN ?", some).Error
	})
}

func shortened(err error) string {
	text := strings.ToValidUTF8(err.Error(), "?")
	if len(text) <= longestError {
		return text
	}
	end := longestError
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
