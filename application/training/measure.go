package training

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

const (
	mostTested = 10_000 // viewers, spread evenly over all
	first      = 10     // places that count
	fade       = 0.97   // what a like counts against the next one
)

// ranker fills how much each item is worth to somebody who liked others before; of what it does not know, -Inf.
type ranker func(before []uint32, scores []float32)

// unknown is what an item is worth that is not ranked.
var unknown = float32(math.Inf(-1))

// measure looks how a model that was made without each viewer's last item ranks that item among all it knows, but for
// the viewer's others. The model is alone, the newer a like the more it counts: that says how good the model is, and not
// how good a feed is that listens to others too. It is compared with the most popular items on all choices, and with the
// model in force, if there is one, on those that neither has learned.
func (r *run) measure(ctx context.Context, rehearsed *recommend.Model, h *histories, how *recommend.Training) (v Verdict, err error) {
	items := rehearsed.Items()
	all := h.choices(func(*history) bool { return true })
	v.Against, err = r.models.Active(ctx)
	if err != nil {
		return v, err
	}
	inForce, fresh, err := r.inForce(ctx, v.Against, h)
	if err != nil {
		return v, err
	}
	total := len(all) + len(fresh)
	its := byRehearsal(rehearsed)
	hits, gains, err := r.regained(ctx, all, 0, total, len(items), its, byFame(h.butLast, len(items)))
	if err != nil {
		return v, err
	}
	_, compared, err := r.regained(ctx, fresh, len(all), total, len(items), its, byModel(inForce, items))
	if err != nil {
		return v, err
	}
	how.Tested, how.HR, how.NDCG, v.Floor = len(all), mean(hits[0]), mean(gains[0]), mean(gains[1])
	return judge(v, how.NDCG, compared[0], compared[1], r.options.Tolerance), r.step(ctx, Measuring, int64(total), int64(total))
}

// inForce is the model in force and the choices that it has not learned; none where there are too few of those, or no model
// that can be read.
func (r *run) inForce(ctx context.Context, version uint64, h *histories) (*recommend.Model, [][]uint32, error) {
	kept, err := r.models.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(kept, func(k recommend.KeptModel) bool { return k.Version == version })
	if i < 0 {
		return nil, nil, nil
	}
	fresh := h.choices(func(one *history) bool { return one.fresh > engagement.Offset(kept[i].UpTo) })
	if len(fresh) < leastCompared {
		return nil, nil, nil
	}
	m, _, err := r.models.Load(ctx, version)
	if fault.Is(err, fault.Unavailable) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, nil // damaged, or pushed out meanwhile: whatever comes is better
	}
	return m, fresh, nil
}

// choices are what is held back of viewers who like more than one item: the last of each.
func (h *histories) choices(of func(*history) bool) [][]uint32 {
	var liked [][]uint32
	for i := range h.all {
		if one := &h.all[i]; len(one.liked) > 1 && of(one) {
			liked = append(liked, one.liked)
		}
	}
	tested := make([][]uint32, min(mostTested, len(liked)))
	for i := range tested {
		tested[i] = liked[i*len(liked)/len(tested)]
	}
	return tested
}

// regained answers, for each kind of ranker, how each choice came out. Every worker makes its own rankers.
func (r *run) regained(ctx context.Context, choices [][]uint32, done, total, items int, kinds ...func() ranker) (hits, gains [][]float64, err error) {
	for range kinds {
		hits, gains = append(hits, make([]float64, len(choices))), append(gains, make([]float64, len(choices)))
	}
	const some = 250
	for from := 0; from < len(choices); from += some {
		if err := r.step(ctx, Measuring, int64(done+from), int64(total)); err != nil {
			return nil, nil, err
		}
		to := min(len(choices), from+some)
		var next atomic.Int64
		next.Store(int64(from))
		var all sync.WaitGroup
		for range max(1, r.options.Workers) {
			all.Go(func() {
				scores := make([]float32, items)
				rankers := make([]ranker, len(kinds))
				for k := range kinds {
					rankers[k] = kinds[k]()
				}
				for i := int(next.Add(1)) - 1; i < to; i = int(next.Add(1)) - 1 {
					for k, rank := range rankers {
						hits[k][i], gains[k][i] = regain(rank, choices[i], scores)
					}
				}
			})
		}
		all.Wait()
	}
	return hits, gains, nil
}
