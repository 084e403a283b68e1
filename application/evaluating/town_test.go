package evaluating_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// town is data in which viewers go from item to item in rows of ten, and now and then elsewhere.
func town(viewers, items, each int, seed uint64) evaluating.Data {
	luck := rand.New(rand.NewPCG(seed, 1))
	var d evaluating.Data
	for i := range items {
		d.Items = append(d.Items, item(i))
	}
	for v := range viewers {
		at := noon.Add(time.Duration(luck.IntN(5000)) * time.Minute)
		met := map[int]bool{}
		for now := luck.IntN(items); len(met) < each; now = (now/10*10 + (now+1)%10) % items {
			if luck.IntN(4) == 0 || met[now] {
				now = luck.IntN(items)
			}
			if met[now] {
				continue
			}
			met[now] = true
			at = at.Add(time.Duration(luck.IntN(3)) * time.Minute) // some at once
			d.Events = append(d.Events, event(len(d.Events), audience.Like, v, now, at))
		}
	}
	return d
}

func item(i int) evaluating.Item {
	return evaluating.Item{ID: itemID(i), Details: catalog.Details{
		Author: catalog.AuthorID(fmt.Sprintf("a%d", i/3)), Tags: []string{fmt.Sprintf("row%d", i/10), fmt.Sprintf("t%d", i%3)}, PublishedAt: noon.Add(-time.Hour),
	}}
}

func itemID(i int) catalog.ItemID { return catalog.ItemID(fmt.Sprintf("i%d", i)) }

func event(n int, act audience.Act, viewer, item int, at time.Time) engagement.Event {
	return engagement.Event{
		ID: engagement.EventID(fmt.Sprintf("e%d", n)), Viewer: audience.ViewerID(fmt.Sprintf("v%d", viewer)), Act: act, Item: itemID(item), At: at,
	}
}

func subject() evaluating.Subject {
	return evaluating.Subject{
		Config: "c", Weights: engagement.DefaultWeights(), Tuning: true,
		Feed: recommend.Definition{
			Name: "for-you", Order: recommend.ByValue, Supply: recommend.FromCatalogue,
			Sources: []recommend.SourceUse{{Name: "sequence", Limit: 100}, {Name: "longterm", Limit: 50}, {Name: "trending", Limit: 20}, {Name: "explore", Limit: 10}},
			Weights: map[string]float32{"sequence_log": .5, "longterm": .3, "popular_day": .1, "explore": .3},
			Actions: map[string]float32{"open": 1, "like": .1, "skip": 0},
			Learned: []string{"sequence_log", "longterm", "popular_day", "tag_affinity"},
			Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Minute},
			Rest:    recommend.Rest{Consumed: time.Hour},
			Explore: recommend.Exploration{Share: .1, Met: 5},
		},
		Trainer: trainedmodel.EASE{}, Training: training.Options{Items: 500, Viewers: 1000, Lambda: 5, Workers: 1},
		Build: build,
	}
}

func build(w engagement.Weights) evaluating.Engine {
	index := memindex.New()
	learner := memindex.NewLearner(index, w, memindex.Options{})
	return evaluating.Engine{
		Shelf: index, Index: index, Model: learner, Signals: learner, Bytes: func() int { return learner.Stats().Bytes },
	}
}

func loo() evaluating.Options {
	return evaluating.Options{Protocol: evaluating.LeaveOneOut, K: 10, Positives: evaluating.All, Fit: evaluating.Strict, Seed: 1}
}

func prequential() evaluating.Options {
	return evaluating.Options{Protocol: evaluating.Prequential, K: 10, Positives: evaluating.All, Fit: evaluating.Strict, Delay: time.Second, Seed: 1}
}

func measure(t *testing.T, s evaluating.Subject, d evaluating.Data, o evaluating.Options) *evaluating.Report {
	t.Helper()
	r, err := evaluating.Run(t.Context(), s, d, o, func(string, int, int) {})
	require.NoError(t, err)
	return r
}
