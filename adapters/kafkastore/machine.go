package kafkastore

import (
	"errors"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
)

// machine works out what records come to. All machines that have read from the same barrier, or the window's ids before the
// mark they began at, come to the same.
//
// The rule: an event is new unless its id is among the last Window ids since the last barrier. The ids of events that are not new
// count too, so that the answer depends on what was sent within the window and not on answers before it.
type machine struct {
	memory
	at      copying.Mark
	read    int64  // the record after the last one taken
	raw     uint64 // ids met, for counting what was met since a post
	posts   []post // nothing before the first is needed
	foreign uint64
}

// post is the beginning of a record, and how many ids were met before it.
type post struct {
	record int64
	raw    uint64
}

// step is what one record came to.
type step struct {
	before, after copying.Mark
	key           []byte
	fresh         []bool              // by event of the record
	events        []engagement.Logged // the new ones
	barrier       bool
	keep          int64 // records before this one are not needed any more once the mark after is copied
}

// newMachine begins at the mark. Records before it are learned, and come to nothing.
func newMachine(base copying.Mark) *machine {
	m := &machine{at: base}
	if m.at.Window == 0 {
		m.at.Window = DefaultWindow
	}
	m.forget(m.at.Window)
	return m
}

// take takes the next record; some numbers may be left out.
func (m *machine) take(number int64, key, value []byte) (step, error) {
	r, err := decode(value)
	if errors.Is(err, errForeign) {
		m.foreign++
		r, err = &record{}, nil
	}
	if err != nil {
		return step{}, err
	}
	s := step{before: m.at, key: key, barrier: r.barrier}
	past := number < m.at.Record
	m.read = number + 1
	if r.barrier {
		m.forget(r.window)
		m.posts = []post{{record: number + 1, raw: m.raw}}
	} else if n := len(m.posts); n == 0 || m.raw-m.posts[n-1].raw >= uint64(m.window/16) {
		m.posts = append(m.posts, post{record: number, raw: m.raw})
	}
	s.fresh = make([]bool, len(r.events))
	for i := range r.events {
		s.fresh[i] = m.meets(printOf(r.events[i].ID))
		m.raw++
		if s.fresh[i] && !past {
			m.at.Offset++
			s.events = append(s.events, engagement.Logged{Offset: m.at.Offset, Received: r.received, Event: r.events[i]})
		}
	}
	if !past {
		m.at.Record = number + 1
		m.at.Window = m.window
	}
	s.after, s.keep = m.at, m.keep()
	return s, nil
}

// keep is the first record that somebody needs who begins here.
func (m *machine) keep() int64 {
	for len(m.posts) > 1 && m.raw-m.posts[1].raw >= uint64(m.window) {
		m.posts = m.posts[1:]
	}
	return m.posts[0].record
}
