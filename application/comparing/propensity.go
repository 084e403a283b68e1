package comparing

import "math"

// FewPicks is an effective number of picks below which an estimate says nothing.
const FewPicks = 100

// Propensity is what was recorded of places that explored, and what the sides would come to there.
//
// At such a place the item was drawn, with a logged chance p: that it won, given everything that could have and what
// stood before it (recommend.Pick.Chance). A side that would have shown the same item at the same place with chance q
// (recommend.Pick.Supposed; 1 or 0 where it draws nothing there) counts what the pick came to q/p times. The mean of
// that over all picks estimates, without bias, what the side would come to at these places, as far as it shows there what
// could have been drawn; this is inverse propensity scoring (IPS). Divided by the mean weight instead of one it is
// self-normalised (SNIPS), a little biased and much less noisy: A. Swaminathan and T. Joachims, "The Self-Normalized
// Estimator for Counterfactual Learning", NIPS 2015. Weights above Options.Clip are cut, which favours what was shown
// (L. Bottou et al., "Counterfactual Reasoning and Learning Systems", JMLR 2013).
//
// A place comes to 1 if the viewer did something good with its item within Options.Window of the page, else to 0. Picks
// are taken as independent; where few viewers make many of them, the errors are larger than stated.
type Propensity struct {
	Picks   int     // drawn with a chance between 0 and 1, and their window is over
	Open    int     // more of them, whose window is not
	Good    float64 // what the picks came to as recorded: the mean
	GoodErr float64 // its standard error

	Current, Changed Estimate
	IPS, IPSErr      float64 // the change's estimate less the current one's, and the standard error of that
	SNIPS, SNIPSErr  float64
}

// Estimate is what one side would come to at a place that explored.
type Estimate struct {
	IPS, IPSErr     float64
	SNIPS, SNIPSErr float64
	Weight          float64 // the mean weight: 1 where all that the side would show there could have been drawn
	Effective       float64 // how many picks of weight 1 tell as much: (sum of weights)² / sum of squared weights
	Clipped         int     // picks whose weight was cut
}

// Enough reports whether both sides' estimates say anything.
func (p *Propensity) Enough() bool { return min(p.Current.Effective, p.Changed.Effective) >= FewPicks }

// sums are all that estimates need of the picks.
type sums struct {
	clip           float64
	n, r           float64    // picks, and what they came to
	w, w2, wr, w2r [2]float64 // weights, squared weights, the same over good picks
	ww, wwr        float64    // products of both sides' weights
	clipped        [2]int
}

// add takes in a pick that was drawn with chance logged and would be, by each side, with the others.
func (s *sums) add(logged float64, chances [2]float64, good bool) {
	r := 0.0
	if good {
		r = 1
	}
	s.n, s.r = s.n+1, s.r+r
	var w [2]float64
	for side, chance := range chances {
		w[side] = chance / logged
		if w[side] > s.clip {
			w[side] = s.clip
			s.clipped[side]++
		}
		s.w[side] += w[side]
		s.w2[side] += w[side] * w[side]
		s.wr[side] += w[side] * r
		s.w2r[side] += w[side] * w[side] * r
	}
	s.ww += w[0] * w[1]
	s.wwr += w[0] * w[1] * r
}

func (s *sums) propensity(open int) Propensity {
	p := Propensity{Picks: int(s.n), Open: open, Good: s.r / s.n, Current: s.estimate(0), Changed: s.estimate(1)}
	p.GoodErr = s.error(s.r, p.Good)
	p.IPS, p.SNIPS = p.Changed.IPS-p.Current.IPS, p.Changed.SNIPS-p.Current.SNIPS
	p.IPSErr = s.error(s.w2r[0]+s.w2r[1]-2*s.wwr, p.IPS)
	// by the linear part of a ratio of means: of (v1(r-V1)/mean v1 - v0(r-V0)/mean v0) the mean is nothing
	a, b := p.Current.SNIPS, p.Changed.SNIPS
	both := s.wwr*(1-a-b) + s.ww*a*b
	p.SNIPSErr = math.Sqrt(max(0, s.offs(0, a)+s.offs(1, b)-2*both/(s.w[0]*s.w[1])))
	return p
}

func (s *sums) estimate(side int) Estimate {
	e := Estimate{
		IPS: s.wr[side] / s.n, SNIPS: s.wr[side] / s.w[side], Weight: s.w[side] / s.n, Clipped: s.clipped[side],
	}
	if s.w2[side] > 0 {
		e.Effective = s.w[side] * s.w[side] / s.w2[side]
	}
	e.IPSErr = s.error(s.w2r[side], e.IPS)
	e.SNIPSErr = math.Sqrt(max(0, s.offs(side, e.SNIPS)))
	return e
}

// error is the standard error of a mean, from the sum of squares.
func (s *sums) error(squares, mean float64) float64 {
	return math.Sqrt(max(0, squares/s.n-mean*mean) / (s.n - 1))
}

// offs is the squared error of a ratio of means: the sum of w²(r-v)² over the square of the sum of w; r is 0 or 1.
func (s *sums) offs(side int, v float64) float64 {
	return (s.w2r[side]*(1-2*v) + s.w2[side]*v*v) / (s.w[side] * s.w[side])
}
