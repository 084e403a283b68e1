package load

import (
	"context"
	"os"
	"time"
)

// Moment is how the run goes.
type Moment struct {
	Warming  bool          // what is made now is not measured
	Passed   time.Duration // of Of
	Of       time.Duration // warm-up and measuring together
	Second   Second        // the last one; empty while warming
	UnderWay int64
}

// Second is about one second of the run.
type Second struct {
	At     float64   `json:"at"`      // seconds since measuring began, at its end
	Long   float64   `json:"seconds"` // how long it was
	OK     int64     `json:"ok"`
	Failed int64     `json:"failed"`
	P50    float64   `json:"p50_ms"` // of what was answered well
	P99    float64   `json:"p99_ms"`
	Max    float64   `json:"max_ms"`
	CPU    []float64 `json:"cpu"` // cores in use, process by process as in Report.Processes
	RSS    []int64   `json:"rss"` // bytes
}

// ourselves is the generator among the processes.
const ourselves = "load generator"

// sampler looks at the run and the processes once a second.
type sampler struct {
	r         *running
	tell      func(Moment)
	processes []Process
	first     []usage // when measuring began; of a process that cannot be read nothing
	last      []usage
	peak      []int64
	began, at time.Time // of measuring: when it began, and the last look
	finished  int64     // requests by then
	seconds   []Second
}

func newSampler(r *running, tell func(Moment)) *sampler {
	if tell == nil {
		tell = func(Moment) {}
	}
	s := &sampler{r: r, tell: tell, processes: append([]Process{}, r.o.Processes...)}
	s.processes = append(s.processes, Process{ourselves, os.Getpid()})
	s.peak = make([]int64, len(s.processes))
	return s
}

// watch returns when the time that is measured ends, or ctx.
func (s *sampler) watch(ctx context.Context) {
	for at := s.r.began; at.Before(s.r.from); {
		at = earlier(at.Add(time.Second), s.r.from)
		if !wait(ctx, at) {
			return
		}
		s.told(Moment{Warming: true})
	}
	s.r.tally.turn()
	s.first = s.look()
	s.last, s.began, s.at = s.first, time.Now(), time.Now()
	for at := s.r.from; at.Before(s.r.ends); {
		at = earlier(at.Add(time.Second), s.r.ends)
		going := wait(ctx, at)
		s.sample()
		if !going {
			return
		}
	}
}

func (s *sampler) sample() {
	now := time.Now()
	long := now.Sub(s.at).Seconds()
	if long <= 0 {
		return
	}
	second, used := s.r.tally.turn(), s.look()
	second.At, second.Long = now.Sub(s.began).Seconds(), long
	for i := range used {
		cores := 0.0
		if used[i] != (usage{}) && s.last[i] != (usage{}) {
			cores = (used[i].user + used[i].system - s.last[i].user - s.last[i].system).Seconds() / long
		}
		if used[i] == (usage{}) {
			used[i] = s.last[i] // it is gone: what it had used is known still
		}
		second.CPU, second.RSS = append(second.CPU, cores), append(second.RSS, used[i].resident)
		s.peak[i] = max(s.peak[i], used[i].resident)
	}
	s.last, s.at, s.finished = used, now, s.r.tally.finished()
	s.seconds = append(s.seconds, second)
	s.told(Moment{Second: second})
}

func (s *sampler) told(m Moment) {
	m.Passed, m.Of, m.UnderWay = time.Since(s.r.began), s.r.o.WarmUp+s.r.o.Duration, s.r.underWay.Load()
	s.tell(m)
}

func (s *sampler) look() []usage {
	used := make([]usage, len(s.processes))
	for i, p := range s.processes {
		used[i], _ = usageOf(p.PID) // what cannot be read stays empty
	}
	return used
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
