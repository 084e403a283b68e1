package recommend_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// BenchmarkPage is one page of twenty over 100,000 items for a viewer with a history, without stores: as a feed proposes
// them, and a thousand candidates under every weight, with a trained model of 4,000 items and the slowest of a hundred.
func BenchmarkPage(b *testing.B) {
	const n, known = 100_000, 4000
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
	q := query(20)
	for i := range 100 {
		q.Knowledge.Actions = append(q.Knowledge.Actions, audience.Action{Item: items[rnd.IntN(3000)].ID, Act: audience.Like, At: noon.Add(-time.Duration(i) * time.Minute)})
		q.Knowledge.Memory.Seen = append(q.Knowledge.Memory.Seen, audience.Mark{Item: catalog.Number(1 + rnd.IntN(3000)), At: noon.Add(-time.Hour)})
	}
	for i := range 300 { // what is new, and was shown on fifteen pages before
		q.Knowledge.Memory.Served = append(q.Knowledge.Memory.Served, audience.Mark{Item: catalog.Number(1 + 3*i), At: noon.Add(-time.Duration(i) * 10 * time.Second)})
	}
	served := forYou()
	served.Sources = nil
	for name, limit := range map[string]int{"sequence": 100, "longterm": 100, "affinity": 50, "following": 100, "trending": 50, "fresh": 20, "tuned": 100, "explore": 20, "similar": 10} {
		served.Sources = append(served.Sources, recommend.SourceUse{Name: name, Limit: limit})
	}
	served.Learned = recommend.LearnableNames()
	served.Weights = map[string]float32{"following": 1, "tuned": 0.7, "regret": -0.5, "steered": 4}
	for _, name := range served.Learned {
		served.Weights[name] = 0.1
	}
	served.Actions = map[string]float32{"open": 1, "long_watch": 0.5, "like": 1, "share": 1, "follow": 1, "skip": -0.5, "not_interested": -2, "report": -10}
	wide := served
	wide.Sources = []recommend.SourceUse{{Name: "sequence", Limit: 400}, {Name: "longterm", Limit: 400}, {Name: "affinity", Limit: 200}, {Name: "fresh", Limit: 300}, {Name: "explore", Limit: 20}}
	model := &trained{anyModel(rnd, items[:known])}
	for name, c := range map[string]struct {
		def    recommend.Definition
		models recommend.Models
	}{
		"as a feed proposes": {served, model},
		"a thousand":         {wide, model},
	} {
		b.Run(name, func(b *testing.B) {
			p, err := recommend.NewPipeline(c.def, index, learner, c.models)
			if err != nil {
				b.Fatal(err)
			}
			var took []time.Duration
			b.ReportAllocs()
			spent := processor(b)
			for b.Loop() {
				began := time.Now()
				if s := p.Recommend(q); len(s.Picks) != 20 {
					b.Fatal(len(s.Picks))
				}
				took = append(took, time.Since(began))
			}
			b.ReportMetric(float64((processor(b)-spent).Microseconds())/float64(b.N), "cpu-µs/op")
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(p.Study(q, recommend.Nowhere).Candidates), "candidates")
		})
	}
}

// anyModel has rows and a recurrent part of the usual size, and its numbers mean nothing.
func anyModel(rnd *rand.Rand, items []catalog.Snapshot) *recommend.Model {
	ids, rows := make([]catalog.ItemID, len(items)), make([]recommend.LinearRow, len(items))
	for i := range items {
		ids[i] = items[i].ID
		to := rnd.Perm(len(items))[:min(512, len(items))]
		slices.Sort(to)
		for _, j := range to {
			rows[i].To, rows[i].Weights = append(rows[i].To, uint32(j)), append(rows[i].Weights, rnd.Float32()-0.5)
		}
	}
	m := recommend.NewRecurrent(recommend.RecurrentShape{Items: len(items), Dims: 64, Hidden: 128})
	for _, part := range m.Parts() {
		for i := range part {
			part[i] = rnd.Float32() - 0.5
		}
	}
	return recommend.NewModel(1, ids, rows, m)
}

// processor is the time that the process has had on processors.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
