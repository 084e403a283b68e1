package recommendtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func leavesShelves(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := item("a", 1)
	s.Details.Author, s.Details.Tags, s.Details.Lang, s.Details.Region = "old", []string{"old", "kept"}, "old", "old"
	x.Apply([]catalog.Snapshot{s, item("b", 2)})
	s.Version = 2
	s.Details.Author, s.Details.Tags, s.Details.Lang, s.Details.Region = "new", []string{"kept", "new"}, "new", "new"
	x.Apply([]catalog.Snapshot{s})
	v := x.View()
	for _, f := range []recommend.Field{recommend.AuthorField, recommend.TagField, recommend.LangField, recommend.RegionField} {
		require.Empty(t, newest(v, recommend.Shelf{Field: f, Term: term(v, f, "old")}, 0, 9), f)
		require.Equal(t, []catalog.ItemID{"a"}, newest(v, recommend.Shelf{Field: f, Term: term(v, f, "new")}, 0, 9), f)
	}
	require.Equal(t, []catalog.ItemID{"a"}, newest(v, recommend.Shelf{Field: recommend.TagField, Term: term(v, recommend.TagField, "kept")}, 0, 9))
}

func tiesOfTime(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	x.Apply([]catalog.Snapshot{item("a", 2), item("b", 3), item("c", 1)})
	require.Equal(t, []catalog.ItemID{"b", "a", "c"}, newest(x.View(), recommend.Everything, 0, 5))
}

func newestIsASort(t *testing.T, open func(*testing.T) Catalogue) {
	rapid.Check(t, func(r *rapid.T) {
		x := open(t)
		now := map[catalog.ItemID]catalog.Snapshot{}
		for range rapid.IntRange(1, 6).Draw(r, "batches") {
			var batch []catalog.Snapshot
			for range rapid.IntRange(1, 40).Draw(r, "size") {
				n := rapid.IntRange(0, 60).Draw(r, "n")
				s := drawn(r, n, 1)
				s.Version = now[s.ID].Version + 1
				now[s.ID], batch = s, append(batch, s)
			}
			x.Apply(batch)
		}
		checkShelves(r, x.View(), now, rapid.IntRange(0, 9).Draw(r, "skip"), rapid.IntRange(1, 9).Draw(r, "length"))
	})
}

func longShelf(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	const n = 6000
	now := map[catalog.ItemID]catalog.Snapshot{}
	for version := range uint64(4) {
		var batch []catalog.Snapshot
		for i := range n {
			if version > 0 && i%int(version+1) != 0 {
				continue
			}
			s := random(i, version+1)
			s.Details.PublishedAt = noon.Add(time.Duration((uint64(i)*2654435761+version*7919)%100_000) * time.Second)
			if version == 3 && i%2 == 0 {
				s.State = catalog.Removed
			}
			batch, now[s.ID] = append(batch, s), s
			if len(batch) == 97 || i == n-1 {
				x.Apply(batch)
				batch = batch[:0]
			}
		}
		x.Apply(batch)
		checkShelves(t, x.View(), now, 1234, 500)
	}
	for i := range n { // take nearly all away
		if s := now[random(i, 1).ID]; i%100 != 0 {
			s.Version, s.State = s.Version+1, catalog.Removed
			now[s.ID] = s
			x.Apply([]catalog.Snapshot{s})
		}
	}
	checkShelves(t, x.View(), now, 10, 20)
}
