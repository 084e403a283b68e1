package memindex_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// crowd is a log of n likes by viewers on items, both by a power law.
func crowd(n, viewers, items int) []engagement.Logged {
	r := rand.New(rand.NewPCG(1, 1))
	log := make([]engagement.Logged, n)
	for i := range log {
		item := int(float64(items) * r.Float64() * r.Float64() * r.Float64())
		log[i] = engagement.Logged{Offset: engagement.Offset(i + 1), Event: engagement.Event{Act: audience.Like,
			Viewer: audience.ViewerID("viewer-" + strconv.Itoa(int(float64(viewers)*r.Float64()*r.Float64()))),
			Item:   catalog.ItemID("item-" + strconv.Itoa(item)), At: noon.Add(time.Duration(i) * time.Second)}}
	}
	return log
}

func plain(items int) *memindex.Index {
	x := memindex.New()
	batch := make([]catalog.Snapshot, items)
	for n := range batch {
		batch[n] = snapshot(n, items, noon)
		batch[n].ID = catalog.ItemID("item-" + strconv.Itoa(n))
	}
	x.Apply(batch)
	return x
}

func TestLearnerKeepsItsBounds(t *testing.T) {
	o := memindex.Options{Viewers: 100, Neighbours: 16, Tail: 32, Links: 5000, Top: 20}
	const items = 2000
	x := plain(items)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), o)
	log := crowd(60_000, 1000, items)
	half := 0
	for n := 0; n < len(log); n += 1000 {
		l.Learn(log[n : n+1000])
		s := l.Stats()
		require.LessOrEqual(t, s.Viewers, 100)
		require.LessOrEqual(t, s.Links, 5000)
		require.LessOrEqual(t, s.Items, items)
		if n == len(log)/2 {
			half = s.Bytes
		}
	}
	require.Less(t, l.Stats().Bytes, half*11/10, "memory no longer grows")
	v := x.View()
	ords := make([]recommend.Ordinal, items)
	for n := range ords {
		ords[n] = recommend.Ordinal(n)
	}
	from := map[int]int{}
	for _, link := range l.After(ords, 1000, nil) {
		from[link.From]++
	}
	require.Greater(t, len(from), 100, "the budget is shared by many")
	for _, n := range from {
		require.LessOrEqual(t, n, 16)
	}
	require.LessOrEqual(t, l.Trending(recommend.Everything, noon, 0, ords), 60)
	require.NotZero(t, v.Len())
}

func TestNewNeighboursFindRoomWhenTheBudgetIsSpent(t *testing.T) {
	const items = 400
	x := plain(items)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{Links: 600, Neighbours: 8, Tail: 16})
	log := crowd(20_000, 50, items-2)
	for i := range 40 { // a late pair that many turn to
		for k, id := range []catalog.ItemID{"item-398", "item-399"} {
			log = append(log, engagement.Logged{Offset: engagement.Offset(20_001 + 2*i + k), Event: engagement.Event{Act: audience.Like,
				Viewer: audience.ViewerID("late-" + strconv.Itoa(i)), Item: id, At: noon.Add(30 * 24 * time.Hour)}})
		}
	}
	l.Learn(log)
	at := make([]recommend.Ordinal, 2)
	x.View().Locate([]catalog.ItemID{"item-398", "item-399"}, at)
	links := l.After(at[:1], 5, nil)
	require.NotEmpty(t, links)
	require.Equal(t, at[1], links[0].To)
}

func TestTheStrongestNeighboursAreFoundAmongMany(t *testing.T) {
	const items = 3000
	x := plain(items)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{Neighbours: 64, Tail: 128})
	var log []engagement.Logged
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 20_000 { // item-0 leads to 1..10 half of the time, otherwise anywhere
		to := 11 + r.IntN(items-11)
		if r.IntN(2) == 0 {
			to = 1 + r.IntN(10)
		}
		for _, n := range []int{0, to} {
			log = append(log, engagement.Logged{Offset: engagement.Offset(len(log) + 1), Event: engagement.Event{Act: audience.Like,
				Viewer: audience.ViewerID("v" + strconv.Itoa(i)), Item: catalog.ItemID("item-" + strconv.Itoa(n)), At: noon}})
		}
	}
	l.Learn(log)
	at := make([]recommend.Ordinal, 11)
	ids := make([]catalog.ItemID, 11)
	for n := range ids {
		ids[n] = catalog.ItemID("item-" + strconv.Itoa(n))
	}
	x.View().Locate(ids, at)
	var got []recommend.Ordinal
	for _, link := range l.After(at[:1], 10, nil) {
		got = append(got, link.To)
	}
	require.ElementsMatch(t, at[1:], got)
}

func TestAFullRowLearnsWhatIsNew(t *testing.T) {
	const items = 600
	x := plain(items)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{Neighbours: 8, Tail: 16})
	var log []engagement.Logged
	leads := func(to int) {
		viewer := audience.ViewerID("v" + strconv.Itoa(len(log)))
		for _, n := range []int{0, to} {
			log = append(log, engagement.Logged{Offset: engagement.Offset(len(log) + 1), Event: engagement.Event{Act: audience.Like,
				Viewer: viewer, Item: catalog.ItemID("item-" + strconv.Itoa(n)), At: noon}})
		}
	}
	for i := range 8 * 300 {
		leads(1 + i%8)
	}
	for i := range 3000 {
		leads(20 + i*7%500)
		if i%15 == 0 {
			leads(9) // 200 times
		}
	}
	l.Learn(log)
	at := make([]recommend.Ordinal, 2)
	x.View().Locate([]catalog.ItemID{"item-0", "item-9"}, at)
	require.Equal(t, at[1], l.After(at[:1], 8, nil)[0].To)
}

func TestStrengthIsAsStated(t *testing.T) {
	x := plain(3)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	at := make([]recommend.Ordinal, 3)
	x.View().Locate([]catalog.ItemID{"item-0", "item-1", "item-2"}, at)
	for n := range 3 {
		l.Learn([]engagement.Logged{{Offset: engagement.Offset(n + 1), Event: engagement.Event{Act: audience.Like,
			Viewer: "v", Item: catalog.ItemID("item-" + strconv.Itoa(n)), At: noon}}})
	}
	links := l.After(at[:1], 5, nil)
	require.Equal(t, []recommend.Ordinal{at[1], at[2]}, []recommend.Ordinal{links[0].To, links[1].To})
	require.InDelta(t, 1/(1.9+5)*math.Pow(5.0/6, 0.2), links[0].Strength, 1e-6)
	require.InDelta(t, 0.9/(1.9+5)*math.Pow(5.0/6, 0.2), links[1].Strength, 1e-6)
}

func TestForgottenViewersStartAnew(t *testing.T) {
	x := plain(20)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{Viewers: 2})
	like := func(offset int, viewer, item string) {
		l.Learn([]engagement.Logged{{Offset: engagement.Offset(offset), Event: engagement.Event{Act: audience.Like,
			Viewer: audience.ViewerID(viewer), Item: catalog.ItemID(item), At: noon}}})
	}
	like(1, "a", "item-0")
	like(2, "b", "item-1")
	like(3, "a", "item-2") // a is newer than b
	like(4, "c", "item-3") // b is forgotten
	like(5, "b", "item-4") // a is forgotten
	like(6, "c", "item-5")
	like(7, "a", "item-6")
	at := make([]recommend.Ordinal, 7)
	x.View().Locate([]catalog.ItemID{"item-0", "item-1", "item-2", "item-3", "item-4", "item-5", "item-6"}, at)
	var pairs [][2]int
	for _, link := range l.After(at, 10, nil) {
		for to, o := range at {
			if o == link.To {
				pairs = append(pairs, [2]int{link.From, to})
			}
		}
	}
	require.Equal(t, [][2]int{{0, 2}, {3, 5}}, pairs)
	require.Equal(t, 2, l.Stats().Viewers)
}

func TestStatsSayWhatBecameOfEvents(t *testing.T) {
	x := plain(3)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{PerMinute: 2})
	var log []engagement.Logged
	for i, item := range []catalog.ItemID{"item-0", "unknown", "", "item-1", "item-2"} {
		log = append(log, engagement.Logged{Offset: engagement.Offset(i + 1), Event: engagement.Event{Act: audience.Like, Viewer: "v", Item: item, At: noon}})
	}
	l.Learn(log)
	s := l.Stats()
	require.Equal(t, []uint64{2, 1, 1, 1}, []uint64{s.Learned, s.Unknown, s.Authors, s.Capped})
	require.Equal(t, memindex.Stats{Items: 3, Live: 3, Terms: x.Stats().Terms, Bytes: x.Stats().Bytes}, x.Stats())
}
