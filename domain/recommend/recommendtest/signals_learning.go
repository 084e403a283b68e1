package recommendtest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func learnedOnce(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 20)
	log := story(3, 400, 20)
	s.Learn(log)
	require.Equal(t, uint64(400), s.Model())
	before := s.answers(20, noon)
	s.Learn(log[100:300])
	s.Learn(log)
	require.Equal(t, before, s.answers(20, noon))
}

func batchesChangeNothing(t *testing.T, open func(*testing.T) Mind) {
	rapid.Check(t, func(r *rapid.T) {
		log := story(uint64(rapid.IntRange(0, 1<<20).Draw(r, "seed")), 300, 20)
		want, got := stage(open(t), 20), stage(open(t), 20)
		want.Learn(log)
		for len(log) > 0 {
			n := rapid.IntRange(1, len(log)).Draw(r, "batch")
			got.Learn(log[:n])
			log = log[n:]
		}
		require.Equal(r, want.answers(20, noon.Add(time.Hour)), got.answers(20, noon.Add(time.Hour)))
	})
}

func itemOrderChangesNothing(t *testing.T, open func(*testing.T) Mind) {
	want, got := stage(open(t), 50), open(t)
	for n := 49; n >= 0; n-- {
		got.Catalogue().Apply([]catalog.Snapshot{*whole(want.Catalogue().View(), catalog.ItemID("i"+itoa(n)))})
	}
	log := story(5, 2000, 40)
	for k, n := range []int{44, 41, 49, 40, 47} { // equally popular
		log = append(log, Deed{Offset: uint64(2001 + k), Viewer: audience.ViewerID("w" + itoa(n)), Act: audience.Like,
			Item: catalog.ItemID("i" + itoa(n)), At: noon})
	}
	want.Learn(log)
	got.Learn(log)
	require.Equal(t, want.answers(50, noon), (&scene{Mind: got}).answers(50, noon))
}

func unknownPassedOver(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	s.do("v", audience.Like, 0, noon)
	s.do("v", audience.Like, 777, noon)
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "v", Act: audience.FollowAuthor, At: noon}})
	s.do("v", audience.Like, 1, noon)
	require.Equal(t, uint64(4), s.Model())
	require.Positive(t, s.strength(0, 1))
}

func readersWhileLearning(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 60)
	log := story(8, 6000, 60)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for last := uint64(0); ; {
				model := s.Model()
				assert.GreaterOrEqual(t, model, last)
				last = model
				for _, l := range s.After([]recommend.Ordinal{s.at(3), s.at(4)}, 20, nil) {
					assert.Positive(t, l.Strength)
				}
				s.trending(recommend.Everything, noon, 0, 30)
				s.popularity(5, noon)
				s.trial(6)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := 0; n < len(log); n += 50 {
		s.Learn(log[n : n+50])
		s.Catalogue().Apply([]catalog.Snapshot{item(catalog.ItemID("late"+itoa(n)), catalog.Number(1000+n))})
	}
	close(done)
	readers.Wait()
	quiet := stage(open(t), 60)
	quiet.Learn(log)
	require.Equal(t, quiet.answers(60, noon), s.answers(60, noon))
}
