package training

import (
	"context"
	"fmt"
	"math"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Verdict says how a new model did against others on the same choices, and what came of that.
type Verdict struct {
	Withheld string  // why the model was not put in force; empty: it was
	Floor    float64 // NDCG of the most popular items, on all choices that the model was measured on
	Against  uint64  // the version in force then; 0: there was none
	Compared int     // choices that it could be compared with that one on: neither had learned them
	Its      float64 // NDCG of the new one on those
	Theirs   float64 // NDCG of the one in force
}

// Models keeps models with what was found of them.
type Models interface {
	recommend.ModelStore
	// Keep is Save, but a model that is withheld is not put in force.
	Keep(ctx context.Context, m *recommend.Model, how recommend.Training, v Verdict) (version uint64, err error)
	// Verdicts are those of kept models, by version. A model that was saved without one has none.
	Verdicts(ctx context.Context) (map[uint64]Verdict, error)
}

// Catalogue tells what became of items. It may fail with a fault of kind Unavailable.
type Catalogue interface {
	// Removed answers for each item whether it was published once, and is removed now.
	Removed(ctx context.Context, ids []catalog.ItemID) ([]bool, error)
}

// Made is a model that was made and kept, and whether it was put in force.
type Made struct {
	recommend.Training
	Verdict
}

// leastCompared is how many choices it takes to call one model worse than another.
const leastCompared = 20

// judge withholds a model that is no better than what is most popular, and one that is worse than the one in force by
// more than the tolerance, a share of that one's NDCG, and by more than chance explains: a standard error of the difference.
func judge(v Verdict, own float64, its, theirs []float64, tolerance float64) Verdict {
	v.Compared = len(its)
	var sum, squares float64
	for i := range its {
		d := theirs[i] - its[i]
		sum, squares = sum+d, squares+d*d
		v.Its, v.Theirs = v.Its+its[i], v.Theirs+theirs[i]
	}
	n := float64(len(its))
	if n > 0 {
		v.Its, v.Theirs = v.Its/n, v.Theirs/n
	}
	if !(own > v.Floor) {
		v.Withheld = fmt.Sprintf("NDCG@10 of %.4f is no better than %.4f of the most popular items", own, v.Floor)
		return v
	}
	if len(its) < leastCompared {
		return v
	}
	worse := sum / n
	chance := math.Sqrt(max(0, squares/n-worse*worse) / (n - 1))
	if worse-chance > tolerance*v.Theirs+1e-9 {
		v.Withheld = fmt.Sprintf("NDCG@10 of %.4f is worse than %.4f of model %d, in force, on the same %d choices", v.Its, v.Theirs, v.Against, v.Compared)
	}
	return v
}
