package evaluating

import "math"

// score sums up at which places the targets were.
type score struct {
	k             int
	tested        int
	hr, ndcg, mrr float64
}

// place adds a question: so many items rank above the target, and so many tie with it, itself among them. Where items
// tie, the target gets what their places are worth on average.
func (s *score) place(better, ties int) (hit float64) {
	s.tested++
	var gain, reciprocal float64
	for at := better; at < min(s.k, better+ties); at++ {
		hit++
		gain += 1 / math.Log2(float64(at+2))
		reciprocal += 1 / float64(at+1)
	}
	n := float64(max(1, ties))
	s.hr, s.ndcg, s.mrr = s.hr+hit/n, s.ndcg+gain/n, s.mrr+reciprocal/n
	return hit / n
}

func (s *score) means() (hr, ndcg, mrr float64) {
	n := float64(max(1, s.tested))
	return s.hr / n, s.ndcg / n, s.mrr / n
}
