package capturing

import (
	"maps"
	"time"
)

// Stats says how reading goes in this process.
type Stats struct {
	Reading bool         // this instance reads, and no other
	Behind  time.Time    // when what is under way was committed, to the second; zero: nothing waits
	Rows    map[Kind]int // read so far
	Left    int          // facts that could not be told, and were left to the relay
	Adopted int          // items changed in SQL
	Viewers int          // viewers changed in SQL
	Opened  int          // how often reading began
	Gaps    int          // how often it began past something unread
	At      string       // the position up to which all is done
}

// Stats tells of now.
func (c *Capture) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Rows = maps.Clone(s.Rows)
	return s
}

func (c *Capture) note(b Batch) {
	c.count(func(s *Stats) {
		for kind, n := range b.Rows {
			s.Rows[kind] += n
		}
		s.Left += b.Unread
		s.Adopted += len(b.Changed)
		s.Viewers += len(b.Viewers)
		if !b.More {
			s.Behind = time.Time{}
		}
		if b.Position != "" {
			s.At = b.Position
		}
	})
}

func (c *Capture) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.stats)
}
