package recommend_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// BenchmarkPage is one page of twenty over 100,000 items for a viewer with a history, without stores.
func BenchmarkPage(b *testing.B) {
	const n = 100_000
	rnd := rand.New(rand.NewPCG(1, 2))
	index := memindex.New()
	items := make([]catalog.Snapshot, n)
	for i := range items {
		items[i] = item(i+1, fmt.Sprintf("a%d", rnd.IntN(5000)), fmt.Sprintf("t%d", rnd.IntN(300)), fmt.Sprintf("t%d", rnd.IntN(300)))
		items[i].Details.PublishedAt = noon.Add(-time.Duration(i) * time.Minute)
	}
	index.Apply(items)
	learner := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	events := make([]engagement.Logged, 200_000)
	for i := range events {
		events[i] = engagement.Logged{Offset: engagement.Offset(i + 1), Event: engagement.Event{
			ID: engagement.EventID(fmt.Sprint(i)), Viewer: audience.ViewerID(fmt.Sprint(rnd.IntN(5000))), Act: audience.Like,
			Item: items[rnd.IntN(3000)].ID, At: noon.Add(time.Duration(i-len(events)) * time.Second),
		}}
	}
	learner.Learn(events)
	def := forYou()
	def.Actions = map[string]float32{"open": 1, "long_watch": 0.5, "like": 1, "share": 1, "follow": 1, "skip": -0.5, "not_interested": -2, "report": -10}
	p, err := recommend.NewPipeline(def, index, learner, recommend.Untrained{})
	if err != nil {
		b.Fatal(err)
	}
	q := query(20)
	for i := range 100 {
		q.Knowledge.Actions = append(q.Knowledge.Actions, audience.Action{Item: items[rnd.IntN(3000)].ID, Act: audience.Like, At: noon.Add(-time.Duration(i) * time.Minute)})
		q.Knowledge.Memory.Seen = append(q.Knowledge.Memory.Seen, audience.Mark{Item: catalog.Number(1 + rnd.IntN(3000)), At: noon.Add(-time.Hour)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if s := p.Recommend(q); len(s.Picks) != 20 {
			b.Fatal(len(s.Picks))
		}
	}
}
