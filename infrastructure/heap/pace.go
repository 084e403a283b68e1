package heap

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Spare is how much may be allocated beyond what is live before garbage is collected: half of what is live, between the
// two, in bytes. Go's own rule, as much as is live, has a process with a small heap collect many times a second, and one
// with a large heap take twice the memory it needs.
type Spare struct{ Least, Most int64 }

// of is how much for so many live bytes.
func (s Spare) of(live int64) int64 { return max(s.Least, min(s.Most, live/2)) }

// percent is the same as GOGC has it, between 10 and 100000.
func (s Spare) percent(live int64) int {
	live = max(1, live)
	return int(max(10, min(100_000, math.Ceil(float64(s.of(live))/float64(live)*100))))
}

// Pace keeps the garbage collector's pace fit for the live heap. Where the operator gave GOGC, that stays.
type Pace struct {
	spare Spare
	given bool
	set   func(percent int) int

	mu     sync.Mutex
	sample []metrics.Sample
	now    int
	before int // what it was at first
}

const liveBytes = "/gc/heap/live:bytes"

// NewPace begins with the pace that the runtime has.
func NewPace(spare Spare) *Pace {
	_, given := os.LookupEnv("GOGC")
	return &Pace{spare: spare, given: given, set: debug.SetGCPercent, sample: []metrics.Sample{{Name: liveBytes}}}
}

// Adjust sets the pace for the heap that the last collection found, if it is off by a tenth, and returns 1 when it did.
func (p *Pace) Adjust(context.Context) (int, error) {
	if p.given {
		return 0, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	metrics.Read(p.sample)
	want := p.spare.percent(int64(p.sample[0].Value.Uint64()))
	if off := want - p.now; p.now != 0 && 10*max(off, -off) < p.now {
		return 0, nil
	}
	was := p.set(want)
	if p.now == 0 {
		p.before = was
	}
	p.now = want
	return 1, nil
}

// Restore gives the runtime back the pace that it had at first.
func (p *Pace) Restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != 0 {
		p.set(p.before)
		p.now = 0
	}
}
