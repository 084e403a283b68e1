package memindex

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func TestTheVocabularyIsBounded(t *testing.T) {
	x := New()
	require.Equal(t, maxVocabulary, x.words.most)
	const most = 10_000
	x.words.most = most
	titled := func(n int, title string) catalog.Snapshot {
		return catalog.Snapshot{ID: catalog.ItemID(fmt.Sprint("item-", n)), Number: catalog.Number(n + 1), Version: 1,
			State: catalog.Published, Details: catalog.Details{Title: title}}
	}
	n := 0
	for word := 0; word < most+1000; { // the bound is met within a batch
		var batch []catalog.Snapshot
		for range 100 {
			var title strings.Builder
			for range recommend.MaxWords {
				title.WriteString("w" + strconv.Itoa(word) + " ")
				word++
			}
			batch = append(batch, titled(n, title.String()))
			n++
		}
		x.Apply(batch)
	}
	x.Apply([]catalog.Snapshot{titled(n, "w7 beyond")})
	v := x.View()
	termsOf := func(words ...string) []recommend.Term {
		terms := make([]recommend.Term, len(words))
		v.Terms(recommend.WordField, words, terms)
		return terms
	}
	terms := termsOf("w0", "w"+strconv.Itoa(most-1), "w"+strconv.Itoa(most), "beyond")
	require.Equal(t, []bool{true, true, false, false}, []bool{terms[0] != 0, terms[1] != 0, terms[2] != 0, terms[3] != 0})
	var traits [1]*recommend.Traits
	v.Describe([]recommend.Ordinal{recommend.Ordinal(v.Len() - 1)}, traits[:])
	require.Equal(t, termsOf("w7"), traits[0].Words)
}
