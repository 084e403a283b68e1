package mysqlstore

import (
	"context"
	"io"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/recommend"
)

// partBytes is the size of a part. On its way it may double, and stays below 1 MiB, the least that servers take in one
// statement.
const partBytes = 480 << 10

// abandoned is the age in milliseconds at which parts of a model that is not shown belong to nobody any more.
const abandoned = 60 * 60 * 1000

// partWriter stores what is written to it in parts.
type partWriter struct {
	ctx     context.Context
	db      *DB
	version int64
	held    []byte
	sent    int
}

func (w *partWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), partBytes-len(w.held))
		w.held, p, written = append(w.held, p[:n]...), p[n:], written+n
		if len(w.held) == partBytes {
			if err := w.Flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// Flush stores what is held as the last part.
func (w *partWriter) Flush() error {
	if len(w.held) == 0 {
		return nil
	}
	err := w.db.write(w.ctx, func(tx *gorm.DB) error {
		return run(tx, "INSERT INTO model_parts (version, part, kept_at, content) VALUES (?, ?, "+w.db.dialect.nowMillis()+", ?)",
			[]any{w.version, w.sent, w.held})
	})
	w.held = w.held[:0]
	w.sent++
	return err
}

// partReader reads a model's parts one after the other.
type partReader struct {
	ctx     context.Context
	db      *DB
	version int64
	parts   int
	read    int
	held    []byte
}

func (r *partReader) Read(p []byte) (int, error) {
	for len(r.held) == 0 {
		if r.read == r.parts {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.held)
	r.held = r.held[n:]
	return n, nil
}

func (r *partReader) next() error {
	var contents [][]byte
	err := r.db.read(r.ctx, func(tx *gorm.DB) error {
		contents = nil
		return tx.Raw("SELECT content FROM model_parts WHERE version = ? AND part = ?", r.version, r.read).Scan(&contents).Error
	})
	if err != nil {
		return err
	}
	if len(contents) == 0 {
		return recommend.ErrModelUnreadable.Saying("part %d of %d is missing", r.read+1, r.parts)
	}
	r.held = contents[0]
	r.read++
	return nil
}

// clear drops the parts of these versions, and those that others abandoned.
func (m *Models) clear(ctx context.Context, versions []int64) error {
	var lost []int64
	err := m.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT p.version FROM model_parts p LEFT JOIN models m ON m.version = p.version WHERE m.version IS NULL "+
			"GROUP BY p.version HAVING MAX(p.kept_at) < "+m.db.dialect.nowMillis()+" - ?", abandoned).Scan(&lost).Error
	})
	if err != nil {
		return err
	}
	for _, version := range append(versions, lost...) {
		if err := m.drop(ctx, version); err != nil {
			return err
		}
	}
	return nil
}

// drop removes the parts of a version that is not shown, a few at a time.
func (m *Models) drop(ctx context.Context, version int64) error {
	for {
		var parts []int
		err := m.db.write(ctx, func(tx *gorm.DB) error {
			if _, err := m.db.lockHead(tx, activeModel); err != nil {
				return err
			}
			parts = nil
			shown, err := isShown(tx, version)
			if err != nil || shown {
				return err
			}
			err = tx.Raw("SELECT part FROM model_parts WHERE version = ? ORDER BY part LIMIT 8", version).Scan(&parts).Error
			if err != nil || len(parts) == 0 {
				return err
			}
			return tx.Exec("DELETE FROM model_parts WHERE version = ? AND part IN ?", version, parts).Error
		})
		if err != nil || len(parts) == 0 {
			return err
		}
	}
}
