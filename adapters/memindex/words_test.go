package memindex_test

import (
	"strconv"
	"strings"
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

func TestTheVocabularyIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a million words")
	}
	x := memindex.New()
	const most = 1_000_000
	var batch []catalog.Snapshot
	for i := 0; i*recommend.MaxWords < most+1000; i++ {
		var title strings.Builder
		for k := range recommend.MaxWords {
			title.WriteString("w" + strconv.Itoa(i*recommend.MaxWords+k) + " ")
		}
		s := snapshot(i, 100_000, noon)
		s.Details.Title = title.String()
		if batch = append(batch, s); len(batch) == 10_000 {
			x.Apply(batch)
			batch = batch[:0]
		}
	}
	last := snapshot(99_999, 100_000, noon)
	last.Details.Title = "w7 beyond"
	x.Apply(append(batch, last))
	v := x.View()
	terms := wordTerms(v, "w0", "w"+strconv.Itoa(most-1), "w"+strconv.Itoa(most), "beyond")
	require.Equal(t, []bool{true, true, false, false}, []bool{terms[0] != 0, terms[1] != 0, terms[2] != 0, terms[3] != 0})
	var traits [1]*recommend.Traits
	v.Describe([]recommend.Ordinal{recommend.Ordinal(v.Len() - 1)}, traits[:])
	require.Equal(t, wordTerms(v, "w7"), traits[0].Words)
}
