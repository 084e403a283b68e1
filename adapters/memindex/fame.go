package memindex

import (
	"math"

	"github.com/freshet/freshet/domain/recommend"
)

// Good acts are counted with five half-lives: a quarter of an hour, an hour, four hours, a day, a week.
const windows = 5

var halves = [windows]float64{900e3, 3600e3, 4 * 3600e3, 24 * 3600e3, 7 * 24 * 3600e3}

// decays is what is left of 1 in each window after a time: one exponential's work for all, since a week
// is seven days, a day six times four hours, those are four hours, and an hour is four quarters.
func decays(after int64) [windows]float64 { return decaysFrom(math.Exp2(-float64(after) / halves[4])) }

// fades is decays for what is told and not kept: as good as a float32.
func fades(after int64) [windows]float64 {
	return decaysFrom(recommend.Exp2(-float64(after) / halves[4]))
}

// decaysFrom takes what is left after a week's half-life.
func decaysFrom(week float64) [windows]float64 {
	two := week * week
	day := two * two * two * week
	three := day * day * day
	hours := three * three
	twice := hours * hours
	hour := twice * twice
	half := hour * hour
	return [windows]float64{half * half, hour, hours, day, week}
}

// aDay scales popularity: it is the number of good acts that a day's half-life would count if they
// kept coming as they do now.
const aDay = 3

// How fast the trust in the windows follows, how much of it each keeps at least, and what is added
// to every count before windows are compared.
const (
	trustRate  = 0.002
	trustLeast = 0.001
	trustPrior = 0.1
)

// fame weighs the windows against each other by how well each foretold the items of the next good
// acts: an expectation-maximisation step per act for a mixture of them. Short videos rise and
// fall within hours, films do not; which it is, the stream tells.
type fame struct {
	now    int64 // the newest event time, Unix milliseconds
	totals [windows]float64
	trust  [windows]float64 // sums to 1
}

func newFame() fame {
	f := fame{}
	for w := range f.trust {
		f.trust[w] = 1.0 / windows
	}
	return f
}

// advance lets time pass up to an event's.
func (f *fame) advance(now int64) {
	if now <= f.now {
		return
	}
	d := decays(now - f.now)
	for w := range f.totals {
		f.totals[w] *= d[w]
	}
	f.now = now
}

// add counts a good act.
func (f *fame) add(gain float32, now int64) {
	d := decays(f.now - now)
	for w := range f.totals {
		f.totals[w] += float64(gain) * d[w]
	}
}

// learn is told which of n items the next good act fell on, before it is counted.
func (f *fame) learn(r *record, n int) {
	var p [windows]float64
	sum := 0.0
	d := decays(f.now - r.praisedAt)
	for w := range p {
		p[w] = f.trust[w] * (float64(r.good[w])*d[w] + trustPrior) / (f.totals[w] + trustPrior*float64(n))
		sum += p[w]
	}
	for w := range p {
		t := (1-trustRate)*f.trust[w] + trustRate*p[w]/sum
		f.trust[w] = (1-windows*trustLeast)*t + trustLeast
	}
}

// shares is what a count in each window adds to popularity.
type shares [windows]float64

func (f *fame) shares() (s shares) {
	for w := range s {
		s[w] = f.trust[w] * halves[aDay] / halves[w]
	}
	return s
}

// of is an item's popularity at a time: finite, and above 0 once there was a good act.
func (s *shares) of(r *record, at int64) float32 {
	if r.total == 0 {
		return 0
	}
	sum := 0.0
	d := fades(max(0, at-r.praisedAt))
	for w := range r.good {
		sum += s[w] * float64(r.good[w]) * d[w]
	}
	return float32(max(sum, 1e-37))
}

// moment is the time at which popularity is told when asked at a time: it stands still after the
// newest event.
func (f *fame) moment(asked int64) int64 { return min(asked, f.now) }

// keys order items by each window as they will be ordered at any later time: all counts of a window
// decay alike, so only their order at one moment matters, and logarithms do not underflow.
func (r *record) keys() (keys [windows]float64) {
	for w := range keys {
		keys[w] = math.Log2(float64(r.good[w])) + float64(r.praisedAt)/halves[w]
	}
	return keys
}

// worthOf is a key turned back into a count at a moment.
func worthOf(key float64, w int, at int64) float64 { return math.Exp2(key - float64(at)/halves[w]) }
