package evaluating

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ranked is how many items of those rank above one, and how many tie with it.
func ranked(scores map[int32]float64, item int32) (better, ties int) {
	for _, s := range scores {
		switch {
		case s > scores[item]:
			better++
		case s == scores[item]:
			ties++
		}
	}
	return better, ties
}

func TestPopularRanksByCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "items")
		window := time.Duration(rapid.IntRange(0, 20).Draw(t, "window"))
		p, l := newPopular(n), &latest{popular: newPopular(n), window: window}
		inside := map[int32]bool{}
		var log []happened
		now := time.Time{}
		for range rapid.IntRange(0, 60).Draw(t, "likes") {
			item := int32(rapid.IntRange(0, n-1).Draw(t, "item"))
			now = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "later")))
			if !inside[item] {
				inside[item] = true
				p.enter(item)
				l.enter(item)
			}
			times := rapid.SampledFrom([]int{1, 1, 700}).Draw(t, "times") // beyond the tree's first size
			for range times {
				p.count(item, 1)
				l.add(item, now)
				log = append(log, happened{item, now})
			}
		}
		l.expire(now)
		var met []int32
		all, late := map[int32]float64{}, map[int32]float64{}
		for item := range inside {
			if rapid.Bool().Draw(t, "met") {
				met = append(met, item)
				continue
			}
			all[item], late[item] = 0, 0
		}
		for _, h := range log {
			if _, free := all[h.item]; free {
				all[h.item]++
				if !h.at.Before(now.Add(-window)) {
					late[h.item]++
				}
			}
		}
		for item := range all {
			for _, c := range []struct {
				rank func([]int32, int32) (int, int)
				want map[int32]float64
			}{{p.rank, all}, {l.rank, late}} {
				better, ties := c.rank(met, item)
				wantBetter, wantTies := ranked(c.want, item)
				require.Equal(t, [2]int{wantBetter, wantTies}, [2]int{better, ties})
			}
		}
	})
}

func TestNearRanksByCosine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{4, 9, 40}).Draw(t, "items") // rows of few and of many
		near := newNear(n)
		fans := make([]map[int]bool, n)
		for i := range fans {
			fans[i] = map[int]bool{}
			near.enter(int32(i))
		}
		var liked []int32
		for viewer := range rapid.IntRange(1, 8).Draw(t, "viewers") {
			liked = nil
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, min(n, 8), rapid.ID[int]).Draw(t, "likes") {
				near.learn(liked, int32(i))
				liked = append(liked, int32(i))
				fans[i][viewer] = true
			}
		}
		want := map[int32]float64{}
		for j := range int32(n) {
			if slices.Contains(liked, j) {
				continue
			}
			want[j] = 0
			for k, i := range liked {
				both := 0
				for v := range fans[i] {
					if fans[j][v] {
						both++
					}
				}
				if both > 0 {
					want[j] += math.Pow(nearDecay, float64(len(liked)-1-k)) * float64(both) / math.Sqrt(float64(len(fans[i])*len(fans[j])))
				}
			}
			want[j] = math.Round(want[j]*1e4) / 1e4
		}
		for j := range want {
			better, ties := near.rank(liked, liked, j)
			wantBetter, wantTies := ranked(want, j)
			require.LessOrEqual(t, better, wantBetter+wantTies-1, "rounding may make ties")
			require.GreaterOrEqual(t, better+ties, wantBetter+1)
		}
	})
}

func TestTiesCountAtTheirExpectedRank(t *testing.T) {
	for _, c := range []struct {
		name          string
		better, ties  int
		hr, ndcg, mrr float64
	}{
		{"first", 0, 1, 1, 1, 1},
		{"third", 2, 1, 1, .5, 1. / 3},
		{"just inside", 9, 1, 1, 1 / math.Log2(11), .1},
		{"just outside", 10, 1, 0, 0, 0},
		{"one of two first", 0, 2, 1, (1 + 1/math.Log2(3)) / 2, .75},
		{"half inside", 9, 2, .5, .5 / math.Log2(11), .05},
		{"everything ties", 0, 40, .25, (1 + 1/math.Log2(3) + .5 + 1/math.Log2(5) + 1/math.Log2(6) + 1/math.Log2(7) + 1./3 + 1/math.Log2(9) + 1/math.Log2(10) + 1/math.Log2(11)) / 40, 2.9289682539682538 / 40},
		{"not there", 10, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := score{k: 10}
			s.place(c.better, c.ties)
			hr, ndcg, mrr := s.means()
			require.InDeltaSlice(t, []float64{c.hr, c.ndcg, c.mrr}, []float64{hr, ndcg, mrr}, 1e-12)
		})
	}
}
