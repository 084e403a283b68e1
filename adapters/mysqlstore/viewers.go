package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Viewers is the audience.ViewerRepository.
type Viewers struct{ db *DB }

// NewViewers works on db.
func NewViewers(db *DB) *Viewers { return &Viewers{db} }

// Find implements audience.ViewerRepository.
func (r *Viewers) Find(ctx context.Context, id audience.ViewerID) (v *audience.Viewer, err error) {
	err = r.db.read(ctx, func(tx *gorm.DB) (err error) {
		v, err = viewerAt(tx, id, time.Time{})
		return err
	})
	return v, err
}

// Update implements audience.ViewerRepository.
func (r *Viewers) Update(ctx context.Context, id audience.ViewerID, change func(*audience.Viewer) error) error {
	return r.db.write(ctx, func(tx *gorm.DB) error {
		if err := r.db.lockViewer(tx, id); err != nil {
			return err
		}
		v, err := viewerAt(tx, id, time.Time{})
		if err != nil {
			return err
		}
		if err := change(v); err != nil {
			return err
		}
		return r.db.storeChanges(tx, id, v.Changes())
	})
}

// lockViewer makes writers of the viewer take turns: writing the row locks it, whether or not it was there.
func (db *DB) lockViewer(tx *gorm.DB, id audience.ViewerID) error {
	return tx.Exec("INSERT INTO viewers (viewer, version, changed_at) VALUES (?, 1, ?)"+
		db.dialect.onClash(clash{key: []string{"viewer"}, replace: []string{"changed_at"}, add: []string{"version"}}),
		string(id), time.Now().UnixMilli()).Error
}

// viewerAt loads the viewer by one statement, so that it is consistent; with a moment, without what
// was decided after it.
func viewerAt(tx *gorm.DB, id audience.ViewerID, at time.Time) (*audience.Viewer, error) {
	until := int64(1<<63 - 1)
	if !at.IsZero() {
		until = at.UnixMilli()
	}
	rows, err := tx.Raw(`SELECT 0 AS direction, relation AS kind, author AS name, at FROM ties WHERE viewer = ? AND at <= ?
		UNION ALL SELECT direction, kind, target AS name, at FROM decisions WHERE viewer = ? AND at <= ?`,
		string(id), until, string(id), until).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var ties []audience.Tie
	var decisions []audience.Decision
	for rows.Next() {
		var (
			direction int8
			kind      uint8
			name      string
			at        int64
		)
		if err := rows.Scan(&direction, &kind, &name, &at); err != nil {
			return nil, err
		}
		if direction == 0 {
			ties = append(ties, audience.Tie{Relation: audience.Relation(kind), Author: catalog.AuthorID(name), At: timeOf(at)})
			continue
		}
		decisions = append(decisions, audience.Decision{
			Target:    audience.Target{Kind: audience.TargetKind(kind), ID: name},
			Direction: audience.Direction(direction), At: timeOf(at),
		})
	}
	return audience.NewViewer(id, ties, decisions), rows.Err()
}

// storeChanges writes what became of each tie and decision in the end.
func (db *DB) storeChanges(tx *gorm.DB, id audience.ViewerID, changes []audience.Change) error {
	type key struct {
		tie  bool
		kind uint8
		name string
	}
	last := make(map[key]audience.Change, len(changes))
	follows := make(follows)
	for _, c := range changes {
		if c.Tie != nil {
			last[key{true, uint8(c.Tie.Relation), string(c.Tie.Author)}] = c
			follows.change(c)
		} else {
			last[key{false, uint8(c.Decision.Target.Kind), c.Decision.Target.ID}] = c
		}
	}
	ties := newBulk(tx, "ties", db.dialect.onClash(clash{key: []string{"viewer", "relation", "author"}, replace: []string{"at"}}),
		"viewer", "relation", "author", "at")
	decisions := newBulk(tx, "decisions", db.dialect.onClash(clash{key: []string{"viewer", "kind", "target"}, replace: []string{"direction", "at"}}),
		"viewer", "kind", "target", "direction", "at")
	for k, c := range last {
		var err error
		switch {
		case c.Gone && k.tie:
			err = tx.Exec("DELETE FROM ties WHERE viewer = ? AND relation = ? AND author = ?", string(id), k.kind, k.name).Error
		case c.Gone:
			err = tx.Exec("DELETE FROM decisions WHERE viewer = ? AND kind = ? AND target = ?", string(id), k.kind, k.name).Error
		case k.tie:
			ties.add(string(id), k.kind, k.name, c.Tie.At.UnixMilli())
		default:
			decisions.add(string(id), k.kind, k.name, int8(c.Decision.Direction), c.Decision.At.UnixMilli())
		}
		if err != nil {
			return err
		}
	}
	if err := ties.flush(); err != nil {
		return err
	}
	if err := follows.tell(tx); err != nil {
		return err
	}
	return decisions.flush()
}
