package memindex_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func wordTerms(v recommend.View, names ...string) []recommend.Term {
	terms := make([]recommend.Term, len(names))
	v.Terms(recommend.WordField, names, terms)
	return terms
}

func TestWordsThatMoreThanOneItemInTwentyHasNeedNoShelf(t *testing.T) {
	x := memindex.New()
	const n = 10_000
	items := make([]catalog.Snapshot, n)
	for i := range items {
		items[i] = snapshot(i, n, noon)
		items[i].Details.Title = "the"
		if i%2 == 0 {
			items[i].Details.Title += " few"
		}
		if i >= n/2+1 {
			items[i].Details.Title = "other"
		}
	}
	x.Apply(items)
	v := x.View()
	terms := wordTerms(v, "the", "few")
	counts, into := make([]uint32, 2), make([]recommend.Ordinal, n)
	v.Carriers(recommend.WordField, terms, counts)
	require.Equal(t, []uint32{n/2 + 1, n/4 + 1}, counts)
	require.Zero(t, v.Newest(recommend.Shelf{Field: recommend.WordField, Term: terms[0]}, 0, into))
	require.Equal(t, n/4+1, v.Newest(recommend.Shelf{Field: recommend.WordField, Term: terms[1]}, 0, into), "few enough")
}
