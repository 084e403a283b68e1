package redisstore

import (
	"sync"
	"time"
)

// consumer is what is known here of one.
type consumer struct {
	tidy    bool // all that it took was kept
	under   int  // drains under way
	torn    int  // drains that left something behind
	claimed time.Time
}

// claimsIn is how often a consumer looks, within idle, for what others took and did not keep.
const claimsIn = 10

// consumers are those that drained here, by name.
type consumers struct {
	mu  sync.Mutex
	are map[string]*consumer
}

// begin says what a Drain has to look for, beside what is new; the Drain is to end.
func (s *consumers) begin(name string, idle time.Duration) (again, claim bool, end func(well bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.are == nil {
		s.are = make(map[string]*consumer)
	}
	c := s.are[name]
	if c == nil {
		c = new(consumer)
		s.are[name] = c
	}
	again, claim = !c.tidy, time.Since(c.claimed) >= idle/claimsIn
	if claim {
		c.claimed = time.Now()
	}
	torn := c.torn
	c.under, c.tidy = c.under+1, false
	return again, claim, func(well bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if c.under--; !well {
			c.torn++
		}
		c.tidy = c.under == 0 && c.torn == torn
	}
}
