package memindex_test

import (
	"testing"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend/recommendtest"
)

func TestIndex(t *testing.T) {
	recommendtest.Index(t, func(*testing.T) recommendtest.Catalogue { return memindex.New() })
}

func TestLearner(t *testing.T) {
	recommendtest.Signals(t, func(*testing.T) recommendtest.Mind { return newMind(memindex.Options{}) })
}

// mind is a learner as the suite wants it.
type mind struct {
	*memindex.Learner
	index *memindex.Index
}

func newMind(o memindex.Options) mind {
	x := memindex.New()
	return mind{memindex.NewLearner(x, engagement.DefaultWeights(), o), x}
}

func (m mind) Catalogue() recommendtest.Catalogue { return m.index }

func (m mind) Learn(deeds []recommendtest.Deed) {
	events := make([]engagement.Logged, len(deeds))
	for i, d := range deeds {
		events[i] = engagement.Logged{Offset: engagement.Offset(d.Offset), Event: engagement.Event{Viewer: d.Viewer, Act: d.Act,
			Item: d.Item, At: d.At, Watched: d.Watched, Duration: d.Duration}}
	}
	m.Learner.Learn(events)
}
