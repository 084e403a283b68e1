package recommendtest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Catalogue is an index and what keeps it current: Apply takes snapshots in any order, any number
// of times, and returns how many were news. The next view shows them all, and each batch whole.
type Catalogue interface {
	recommend.Index
	Apply(items []catalog.Snapshot) int
}

// Index is the contract of recommend.Index. open returns an empty one.
func Index(t *testing.T, open func(t *testing.T) Catalogue) {
	for name, clause := range map[string]func(*testing.T, func(*testing.T) Catalogue){
		"an empty index finds nothing":                                      emptyFindsNothing,
		"an item is found by its id and by its number":                      foundByIDAndNumber,
		"a whole item comes back as it was given":                           wholeItem,
		"traits say what the item says":                                     traits,
		"no memory is shared with the writer":                               noSharedMemory,
		"an item without anything optional is held":                         bareItem,
		"an older or equal version changes nothing":                         olderChangesNothing,
		"a removed item stays removed when an older snapshot comes late":    removedStaysRemoved,
		"an item that comes back after removal is on its shelves again":     comesBack,
		"a changed item keeps its ordinal and its place among ordinals":     keepsOrdinal,
		"a changed item leaves the shelves it is no longer on":              leavesShelves,
		"a view never changes":                                              viewNeverChanges,
		"the version grows with every change and only then":                 versionGrows,
		"names and terms are each other's inverse":                          namesAndTerms,
		"ties of time go to the higher number":                              tiesOfTime,
		"any order and repetition of versions ends in the same catalogue":   anyOrder,
		"newest is a sort of the shelf for every shelf, skip and length":    newestIsASort,
		"a long shelf stays in order through changes":                       longShelf,
		"readers see each batch whole and in order while items are written": wholeBatches,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open) })
	}
}

func emptyFindsNothing(t *testing.T, open func(*testing.T) Catalogue) {
	v := open(t).View()
	require.Zero(t, v.Len())
	require.Equal(t, recommend.Nowhere, locate(v, "a"))
	at := []recommend.Ordinal{0}
	v.LocateNumbers([]catalog.Number{1}, at)
	require.Equal(t, recommend.Nowhere, at[0])
	require.Empty(t, newest(v, recommend.Everything, 0, 10))
	require.Empty(t, newest(v, recommend.Shelf{Field: recommend.TagField, Term: 3}, 0, 10))
	require.Zero(t, term(v, recommend.TagField, "t"))
	require.Empty(t, v.Name(recommend.TagField, 0))
	require.Empty(t, v.Name(recommend.TagField, 7))
	traits, items := []*recommend.Traits{{}}, []*catalog.Snapshot{{}}
	v.Describe([]recommend.Ordinal{recommend.Nowhere}, traits)
	v.Items([]recommend.Ordinal{recommend.Nowhere}, items)
	require.Nil(t, traits[0])
	require.Nil(t, items[0])
	v.Items([]recommend.Ordinal{5}, items) // of a later view
	require.Nil(t, items[0])
}

func foundByIDAndNumber(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	require.Equal(t, 2, x.Apply([]catalog.Snapshot{item("a", 7), item("b", 9)}))
	v := x.View()
	ids, numbers := make([]recommend.Ordinal, 4), make([]recommend.Ordinal, 4)
	v.Locate([]catalog.ItemID{"b", "nobody", "a", ""}, ids)
	v.LocateNumbers([]catalog.Number{9, 8, 7, 0}, numbers)
	require.Equal(t, ids, numbers)
	require.Equal(t, recommend.Nowhere, ids[1])
	require.Equal(t, recommend.Nowhere, ids[3])
	require.NotEqual(t, ids[0], ids[2])
	require.Less(t, int(ids[0]), v.Len())
	require.Less(t, int(ids[2]), v.Len())
	require.Equal(t, []catalog.ItemID{"b", "a"}, idsOf(v, []recommend.Ordinal{ids[0], ids[2]}))
}

func wholeItem(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	for n, s := range fullItems() {
		s.Number = catalog.Number(n + 1)
		x.Apply([]catalog.Snapshot{s})
		got := whole(x.View(), s.ID)
		require.NotNil(t, got)
		require.Equal(t, s, *got)
	}
}

func traits(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := fullItems()[0]
	s.State = catalog.Hidden
	x.Apply([]catalog.Snapshot{s})
	v := x.View()
	got := describe(v, s.ID)
	require.Equal(t, s.Number, got.Number)
	require.Equal(t, s.Details.PublishedAt.UnixMilli(), got.Published)
	require.Equal(t, s.Details.ExpiresAt.UnixMilli(), got.Expires)
	require.Equal(t, catalog.Hidden, got.State)
	require.Equal(t, uint32(s.Details.Duration.Milliseconds()), got.Duration)
	require.Equal(t, string(s.Details.Author), v.Name(recommend.AuthorField, got.Author))
	require.Equal(t, s.Details.Lang, v.Name(recommend.LangField, got.Lang))
	require.Equal(t, s.Details.Region, v.Name(recommend.RegionField, got.Region))
	require.Equal(t, s.Details.Tags, namesOf(v, recommend.TagField, got.Tags))
	require.Equal(t, s.Details.Labels, namesOf(v, recommend.LabelField, got.Labels))

	epoch := item("epoch", 99)
	epoch.Details.PublishedAt, epoch.Details.ExpiresAt = time.Unix(-9, 0).UTC(), time.Unix(0, 0).UTC()
	x.Apply([]catalog.Snapshot{epoch})
	require.False(t, describe(x.View(), "epoch").Live(noon.UnixMilli()), "an item that expired at the Unix epoch is no item without expiry")
}

func noSharedMemory(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := fullItems()[0]
	want := fullItems()[0]
	batch := []catalog.Snapshot{s}
	x.Apply(batch)
	batch[0].ID = "overwritten"
	for i := range s.Details.Payload {
		s.Details.Payload[i] = 'x'
	}
	s.Details.Tags[0], s.Details.Labels[0] = "overwritten", "overwritten"
	require.Equal(t, want, *whole(x.View(), want.ID))
}

func bareItem(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := catalog.Snapshot{ID: "a", Number: 1, State: catalog.Published, Version: 1, ChangedAt: noon, Details: catalog.Details{PublishedAt: noon}}
	x.Apply([]catalog.Snapshot{s})
	v := x.View()
	require.Equal(t, s, *whole(v, "a"))
	tr := describe(v, "a")
	require.Zero(t, tr.Author+tr.Lang+tr.Region)
	require.Empty(t, tr.Tags)
	require.True(t, tr.Live(noon.UnixMilli()))
	require.Equal(t, []catalog.ItemID{"a"}, newest(v, recommend.Everything, 0, 10))
	require.Empty(t, newest(v, recommend.Shelf{Field: recommend.AuthorField}, 0, 10), "no shelf holds those without an author")
}

func olderChangesNothing(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := item("a", 1)
	s.Version, s.Details.Title = 5, "five"
	x.Apply([]catalog.Snapshot{s})
	v := x.View().Version()
	for _, version := range []uint64{1, 4, 5} {
		s.Version, s.Details.Title = version, "other"
		require.Zero(t, x.Apply([]catalog.Snapshot{s}))
	}
	require.Equal(t, "five", whole(x.View(), "a").Details.Title)
	require.Equal(t, v, x.View().Version())
	s.Version = 6
	require.Equal(t, 1, x.Apply([]catalog.Snapshot{s}))
	require.Equal(t, "other", whole(x.View(), "a").Details.Title)
}

func removedStaysRemoved(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	gone := item("a", 1)
	gone.Version, gone.State = 3, catalog.Removed
	x.Apply([]catalog.Snapshot{gone})
	late := item("a", 1)
	late.Version = 2
	require.Zero(t, x.Apply([]catalog.Snapshot{late}))
	v := x.View()
	require.Equal(t, catalog.Removed, describe(v, "a").State)
	require.Equal(t, catalog.Removed, whole(v, "a").State)
	require.Empty(t, published(v, recommend.Everything))
}

func comesBack(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := item("a", 1)
	x.Apply([]catalog.Snapshot{s})
	at := locate(x.View(), "a")
	shelf := recommend.Shelf{Field: recommend.TagField, Term: term(x.View(), recommend.TagField, s.Details.Tags[0])}
	for _, state := range []catalog.State{catalog.Hidden, catalog.Published, catalog.Removed, catalog.Published} {
		s.Version++
		s.State = state
		x.Apply([]catalog.Snapshot{s})
		want := []catalog.ItemID{}
		if state == catalog.Published {
			want = []catalog.ItemID{"a"}
		}
		require.Equal(t, want, published(x.View(), recommend.Everything), state)
		require.Equal(t, want, published(x.View(), shelf), state)
		require.Equal(t, at, locate(x.View(), "a"))
	}
}

func keepsOrdinal(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	x.Apply([]catalog.Snapshot{item("a", 1), item("b", 2), item("c", 3)})
	v := x.View()
	b, n := locate(v, "b"), v.Len()
	s := item("b", 2)
	s.Version, s.Details.PublishedAt, s.Details.Tags = 2, noon.Add(time.Hour), []string{"quite", "other"}
	x.Apply([]catalog.Snapshot{s})
	require.Equal(t, b, locate(x.View(), "b"))
	require.Equal(t, n, x.View().Len())
	x.Apply([]catalog.Snapshot{item("d", 4)})
	require.Equal(t, n+1, x.View().Len())
	require.Equal(t, b, locate(x.View(), "b"))
}

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

func viewNeverChanges(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	var all []catalog.Snapshot
	for n := range 700 {
		all = append(all, random(n, 1))
	}
	x.Apply(all[:600])
	v := x.View()
	before := dump(v)
	for n := range all {
		all[n] = random(n+5, 2)
		all[n].ID, all[n].Number = random(n, 1).ID, random(n, 1).Number
	}
	x.Apply(all)
	require.Equal(t, before, dump(v))
	require.Equal(t, recommend.Nowhere, locate(v, all[650].ID))
	require.NotEqual(t, recommend.Nowhere, locate(x.View(), all[650].ID))
	require.Zero(t, term(v, recommend.TagField, "new-name"))
	s := item("z", 5000)
	s.Details.Tags = []string{"new-name"}
	x.Apply([]catalog.Snapshot{s})
	require.Zero(t, term(v, recommend.TagField, "new-name"))
	require.NotZero(t, term(x.View(), recommend.TagField, "new-name"))
}

func versionGrows(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	last := x.View().Version()
	for n := range 5 {
		s := item("a", 1)
		s.Version = uint64(n + 1)
		x.Apply([]catalog.Snapshot{s})
		require.Greater(t, x.View().Version(), last)
		last = x.View().Version()
		x.Apply([]catalog.Snapshot{s})
		x.Apply(nil)
		require.Equal(t, last, x.View().Version())
	}
}

func namesAndTerms(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	for n := range 300 {
		x.Apply([]catalog.Snapshot{random(n, 1)})
	}
	v := x.View()
	for n := range 300 {
		for _, tag := range random(n, 1).Details.Tags {
			require.Equal(t, tag, v.Name(recommend.TagField, term(v, recommend.TagField, tag)))
		}
	}
	require.Zero(t, term(v, recommend.TagField, ""))
	require.Zero(t, term(v, recommend.AuthorField, "tag-1"), "fields have their own terms")
}

func tiesOfTime(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	x.Apply([]catalog.Snapshot{item("a", 2), item("b", 3), item("c", 1)})
	require.Equal(t, []catalog.ItemID{"b", "a", "c"}, newest(x.View(), recommend.Everything, 0, 5))
}

func anyOrder(t *testing.T, open func(*testing.T) Catalogue) {
	rapid.Check(t, func(r *rapid.T) {
		final := map[catalog.ItemID]catalog.Snapshot{}
		var all []catalog.Snapshot
		for n := range rapid.IntRange(1, 30).Draw(r, "items") {
			for version := range rapid.IntRange(1, 4).Draw(r, "versions") {
				s := drawn(r, n, uint64(version+1))
				all, final[s.ID] = append(all, s), s
			}
		}
		once := make([]catalog.Snapshot, 0, len(final))
		for _, s := range final {
			once = append(once, s)
		}
		want, got := open(t), open(t)
		want.Apply(once)
		stream := rapid.Permutation(append(slices.Clone(all), all[:len(all)/2]...)).Draw(r, "stream")
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(r, "batch")
			got.Apply(stream[:n])
			stream = stream[n:]
		}
		require.Equal(r, dump(want.View()), dump(got.View()))
		require.Equal(r, want.View().Len(), got.View().Len())
	})
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

func wholeBatches(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	const group, rounds = 600, 60
	write := func(round int) {
		batch := make([]catalog.Snapshot, group)
		for n := range batch {
			batch[n] = random(n, uint64(round+1))
			batch[n].State = catalog.Published
			batch[n].Details.Tags = []string{"all"}
			batch[n].Details.PublishedAt = noon.Add(time.Duration((n*31+round*17)%group) * time.Minute)
		}
		batch = append(batch, item(catalog.ItemID("new"+itoa(round)), catalog.Number(10_000+round)))
		x.Apply(batch)
	}
	write(0)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			ords, at := make([]recommend.Ordinal, group), make([]*catalog.Snapshot, group)
			for last := uint64(0); ; {
				v := x.View()
				shelf := recommend.Shelf{Field: recommend.TagField, Term: term(v, recommend.TagField, "all")}
				if !assert.Equal(t, group, v.Newest(shelf, 0, ords)) || !assert.GreaterOrEqual(t, v.Version(), last) {
					return
				}
				last = v.Version()
				v.Items(ords, at)
				for i, s := range at {
					if s.Version != at[0].Version || (i > 0 && s.Details.PublishedAt.After(at[i-1].Details.PublishedAt)) ||
						locate(v, s.ID) != ords[i] {
						assert.Fail(t, "a view shows half a batch")
						return
					}
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for round := 1; round < rounds; round++ {
		write(round)
	}
	close(done)
	readers.Wait()
}
