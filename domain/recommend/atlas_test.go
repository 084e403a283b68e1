package recommend

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

// vast is a view of so many items that only those of a model have names.
type vast struct {
	View
	n     int
	named map[catalog.ItemID]Ordinal
}

func (v *vast) Len() int { return v.n }

func (v *vast) Locate(ids []catalog.ItemID, into []Ordinal) {
	for i, id := range ids {
		into[i] = Nowhere
		if at, known := v.named[id]; known {
			into[i] = at
		}
	}
}

func (v *vast) Items(at []Ordinal, into []*catalog.Snapshot) {
	for i, o := range at {
		into[i] = &catalog.Snapshot{ID: catalog.ItemID(fmt.Sprint("nameless ", o))}
		for id, named := range v.named {
			if named == o {
				into[i] = &catalog.Snapshot{ID: id}
			}
		}
	}
}

func TestPlacesOfAModelTakeRoomForItsItemsAndNotForTheCatalogue(t *testing.T) {
	view := &vast{n: 5_000_000, named: map[catalog.ItemID]Ordinal{"a": 4_999_999, "b": 17}}
	model := NewModel(1, []catalog.ItemID{"a", "b", "later", "never"}, make([]LinearRow, 4), nil)
	var a atlas
	was := allocated()
	p := a.places(model, view)
	for range 100 {
		view.n++
		p = a.places(model, view)
	}
	require.Less(t, allocated()-was, uint64(1<<20))
	require.Equal(t, []Ordinal{4_999_999, 17, Nowhere, Nowhere}, p.ordinals)

	view.named["later"] = Ordinal(view.n)
	view.n += 1000
	later := a.places(model, view)
	require.Equal(t, []Ordinal{4_999_999, 17, 5_000_100, Nowhere}, later.ordinals)
	for place, at := range later.ordinals[:3] {
		found, known := later.of(at)
		require.True(t, known)
		require.Equal(t, uint32(place), found)
	}
	_, known := later.of(18)
	require.False(t, known)
	_, known = p.of(5_000_100)
	require.False(t, known, "pages that are being made keep the places they began with")
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
