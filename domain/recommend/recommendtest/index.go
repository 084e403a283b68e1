package recommendtest

import (
	"testing"

	"github.com/stretchr/testify/require"

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
		"the words of a title are terms with shelves, each once":            titleWords,
		"titles that read the same have the same words":                     sameWords,
		"carriers counts the published items that have a term":              countsCarriers,
		"words of a removed item are gone":                                  removedWords,
		"a word that a great many items have still counts":                  commonWords,
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
	ids := []catalog.ItemID{"a", "b"}
	v.IDs([]recommend.Ordinal{recommend.Nowhere, 5}, ids)
	require.Equal(t, []catalog.ItemID{"", ""}, ids)
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
