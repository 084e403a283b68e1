package comparing

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// Records is what an installation has kept. They are only read.
type Records struct {
	Pages  feed.PageArchive
	Events engagement.EventLog
	Past   audience.Recollection
	Items  catalog.ItemRepository
	Models recommend.ModelStore
}

// Subject is two configurations on one recorded past. Index, Trained and what the sides have learned are empty at first.
type Subject struct {
	Records
	Shelf            Shelf // of the index that both sides rank
	Trained          *Trained
	Current, Changed Side
	Worth            func(audience.Action) float32 // tells good acts, for both sides alike
}

// Shelf takes in the catalogue.
type Shelf interface {
	Apply(items []catalog.Snapshot) int
}

// Side is one configuration, and an instance that learns by it. Its plan ranks with Subject.Trained.
type Side struct {
	Config string // its version
	Rerun  *serving.Rerun
	Model  learning.Model
}

// Trained is the model that the page at hand was ranked with. It implements recommend.Models.
type Trained struct {
	now    atomic.Pointer[recommend.Model]
	before *recommend.Model // instances take up a new one at different times
	gone   map[uint64]bool
}

// Model implements recommend.Models.
func (t *Trained) Model() *recommend.Model { return t.now.Load() }

// find loads the model of that version, and reports whether it is still kept.
func (t *Trained) find(ctx context.Context, kept recommend.ModelStore, version uint64) (*recommend.Model, bool, error) {
	switch {
	case version == 0:
		return nil, true, nil
	case version == t.Model().Version():
		return t.Model(), true, nil
	case version == t.before.Version():
		return t.before, true, nil
	case t.gone[version]:
		return nil, false, nil
	}
	m, _, err := kept.Load(ctx, version)
	if errors.Is(err, recommend.ErrModelNotFound) || errors.Is(err, recommend.ErrModelUnreadable) {
		if t.gone == nil {
			t.gone = map[uint64]bool{}
		}
		t.gone[version] = true
		return nil, false, nil
	}
	return m, err == nil, err
}

// use puts a model in force.
func (t *Trained) use(m *recommend.Model) {
	if was := t.Model(); m.Version() != was.Version() {
		if was != nil {
			t.before = was
		}
		t.now.Store(m)
	}
}
