package recommendtest

import (
	"math/rand/v2"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// story is a log of n events around noon: viewers with tastes among the items, in an order that is
// mostly that of time.
func story(seed uint64, n, items int) []Deed {
	r := rand.New(rand.NewPCG(seed, 9))
	acts := []audience.Act{audience.Seen, audience.Open, audience.PlayStart, audience.PlayProgress, audience.PlayComplete,
		audience.Like, audience.Like, audience.Like, audience.Favorite, audience.Skip, audience.NotInterested, audience.Unlike}
	log := make([]Deed, n)
	for k := range log {
		viewer := r.IntN(25)
		at := noon.Add(time.Duration(k-n) * 4 * time.Minute)
		if r.IntN(10) == 0 {
			at = at.Add(-time.Duration(r.IntN(40)) * time.Hour)
		}
		item := (viewer + int(float64(items)*r.Float64()*r.Float64())) % items
		log[k] = Deed{Offset: uint64(k + 1), Viewer: audience.ViewerID("v" + itoa(viewer)), Act: acts[r.IntN(len(acts))],
			Item: catalog.ItemID("i" + itoa(item)), At: at, Watched: time.Duration(r.IntN(20)) * time.Second, Duration: 15 * time.Second}
	}
	return log
}
