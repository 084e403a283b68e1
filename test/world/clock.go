package world

import (
	"sync/atomic"
	"time"
)

// Clock stands still until it is advanced. It starts at the real time, because the stores' own clocks run.
type Clock struct{ ms atomic.Int64 }

func newClock() *Clock {
	c := &Clock{}
	c.ms.Store(time.Now().UnixMilli())
	return c
}

// Now is the time.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()).UTC() }

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }
