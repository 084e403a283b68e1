package asynqtasks

import (
	"sync/atomic"
	"time"
)

var bounds = [...]time.Duration{
	50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute,
}

// latency counts how long tasks waited.
type latency struct {
	all  atomic.Uint64
	sum  atomic.Int64
	most [len(bounds)]atomic.Uint64
}

func (l *latency) observe(d time.Duration) {
	d = max(0, d)
	l.all.Add(1)
	l.sum.Add(int64(d))
	for i, b := range bounds {
		if d <= b {
			l.most[i].Add(1)
		}
	}
}

func (l *latency) read() (all uint64, sum time.Duration, atMost map[float64]uint64) {
	atMost = make(map[float64]uint64, len(bounds))
	for i, b := range bounds {
		atMost[b.Seconds()] = l.most[i].Load()
	}
	return l.all.Load(), time.Duration(l.sum.Load()), atMost
}
