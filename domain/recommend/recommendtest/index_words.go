package recommendtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// titled is an item with a title.
func titled(id catalog.ItemID, number catalog.Number, title string) catalog.Snapshot {
	s := item(id, number)
	s.Details.Title = title
	return s
}

func titleWords(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	x.Apply([]catalog.Snapshot{titled("a", 1, "The Snow, the SNOW!"), titled("b", 2, "snow 雪山"), item("c", 3)})
	v := x.View()
	words := func(id catalog.ItemID) []string { return namesOf(v, recommend.WordField, describe(v, id).Words) }
	require.Equal(t, []string{"the", "snow"}, words("a"))
	require.Equal(t, []string{"snow", "雪山"}, words("b"))
	require.Empty(t, words("c"))
	require.Equal(t, []string{"tag"}, namesOf(v, recommend.TagField, describe(v, "a").Tags))
	require.Equal(t, "The Snow, the SNOW!", whole(v, "a").Details.Title)
	snow := term(v, recommend.WordField, "snow")
	require.Equal(t, []catalog.ItemID{"b", "a"}, newest(v, recommend.Shelf{Field: recommend.WordField, Term: snow}, 0, 9))
	require.Zero(t, term(v, recommend.TagField, "snow"), "fields have their own terms")

	again := titled("a", 1, "Rain")
	again.Version = 2
	x.Apply([]catalog.Snapshot{again})
	v = x.View()
	require.Equal(t, []string{"rain"}, words("a"))
	require.Equal(t, []catalog.ItemID{"b"}, newest(v, recommend.Shelf{Field: recommend.WordField, Term: snow}, 0, 9))
}

func sameWords(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	x.Apply([]catalog.Snapshot{titled("composed", 1, "caf\u00e9 \u30ac\u30e0"), titled("decomposed", 2, "CAFE\u0301 \u30ab\u3099\u30e0"),
		titled("wide", 3, "\uff23\uff21\uff26\u00c9 \uff76\uff9e\uff91")})
	v := x.View()
	want := describe(v, "composed").Words
	require.Len(t, want, 2)
	require.Equal(t, want, describe(v, "decomposed").Words)
	require.Equal(t, want, describe(v, "wide").Words)
}

func countsCarriers(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	hidden := titled("hidden", 3, "snow")
	hidden.State = catalog.Hidden
	x.Apply([]catalog.Snapshot{titled("a", 1, "snow snow"), titled("b", 2, "snow rain"), hidden})
	before := x.View()
	counts := func(v recommend.View, f recommend.Field, names ...string) []uint32 {
		terms, into := make([]recommend.Term, len(names)), make([]uint32, len(names))
		v.Terms(f, names, terms)
		v.Carriers(f, terms, into)
		return into
	}
	require.Equal(t, []uint32{2, 0, 1}, counts(before, recommend.WordField, "snow", "nothing", "rain"))
	require.Equal(t, []uint32{2}, counts(before, recommend.TagField, "tag"))
	require.Equal(t, []uint32{2}, counts(before, recommend.AuthorField, "author"))
	require.Equal(t, []uint32{2}, counts(before, recommend.LangField, "en"))
	require.Equal(t, []uint32{2}, counts(before, recommend.RegionField, "DE"))
	hidden.State, hidden.Version = catalog.Published, 2
	gone := titled("a", 1, "snow snow")
	gone.State, gone.Version = catalog.Hidden, 2
	other := titled("b", 2, "rain")
	other.Version = 2
	x.Apply([]catalog.Snapshot{hidden, gone, other, titled("d", 4, "rain new")})
	v := x.View()
	require.Equal(t, []uint32{1, 2, 1}, counts(v, recommend.WordField, "snow", "rain", "new"))
	require.Equal(t, []uint32{3}, counts(v, recommend.TagField, "tag"))
	require.Equal(t, []uint32{2, 1, 0}, counts(before, recommend.WordField, "snow", "rain", "new"), "a view never changes")
	later := [1]uint32{9}
	before.Carriers(recommend.WordField, []recommend.Term{term(v, recommend.WordField, "new")}, later[:])
	require.Zero(t, later[0], "terms of later views")
	require.Zero(t, carriers(v, recommend.LabelField, 1))
}

func removedWords(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := titled("a", 1, "snow")
	x.Apply([]catalog.Snapshot{s})
	s.Version, s.State = 2, catalog.Removed
	x.Apply([]catalog.Snapshot{s})
	v := x.View()
	snow := term(v, recommend.WordField, "snow")
	require.Zero(t, carriers(v, recommend.WordField, snow))
	require.Empty(t, newest(v, recommend.Shelf{Field: recommend.WordField, Term: snow}, 0, 9))
	require.Empty(t, describe(v, "a").Words)
	s.Version, s.State = 3, catalog.Published
	x.Apply([]catalog.Snapshot{s})
	require.Equal(t, 1, carriers(x.View(), recommend.WordField, snow))
}

func commonWords(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	const n, batch = 12_000, 500
	items := make([]catalog.Snapshot, n)
	for i := range items {
		items[i] = titled(catalog.ItemID("i"+itoa(i)), catalog.Number(i+1), "the film")
		if i%1000 == 0 {
			items[i].Details.Title = "rare film"
		}
	}
	for i := 0; i < n; i += batch {
		x.Apply(items[i : i+batch])
	}
	v := x.View()
	the, rare := term(v, recommend.WordField, "the"), term(v, recommend.WordField, "rare")
	require.Equal(t, n-12, carriers(v, recommend.WordField, the))
	require.Len(t, newest(v, recommend.Shelf{Field: recommend.WordField, Term: rare}, 0, 99), 12)
	for i := range items {
		items[i].Version, items[i].Details.Title = 2, "rare"
	}
	x.Apply(items)
	v = x.View()
	require.Zero(t, carriers(v, recommend.WordField, the))
	require.Empty(t, newest(v, recommend.Shelf{Field: recommend.WordField, Term: the}, 0, 9))
	require.Equal(t, n, carriers(v, recommend.WordField, rare))
}
