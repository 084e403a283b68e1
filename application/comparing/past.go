package comparing

import (
	"context"
	"slices"
	"time"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

const (
	readAtOnce  = 2000
	tellEvery   = 20_000
	enterAtOnce = 2000
)

// past is the event log and the catalogue, let out in the order in which they came: what neither side may know yet is
// still in here.
type past struct {
	log     engagement.EventLog
	items   catalog.ItemRepository
	shelf   Shelf
	learn   func([]engagement.Logged)
	seen    func(*engagement.Logged) // every event that passes, learned or not
	tell    func(done, total int64)  // while much is learned
	unborn  []catalog.Snapshot       // by birth
	ahead   []engagement.Logged      // read and not let out
	read    engagement.Offset        // up to where
	at      engagement.Offset        // up to where it is let out
	head    engagement.Offset        // of the log, when it was last asked
	started bool
}

// born is since when an item may have been on pages. Of one that was changed since it came, only when it says that it
// was published is known.
func born(s *catalog.Snapshot) time.Time {
	if s.Version > 1 && s.Details.PublishedAt.Before(s.ChangedAt) {
		return s.Details.PublishedAt
	}
	return s.ChangedAt
}

// begin goes as far back before the offset as an instance does that starts, and reads the catalogue as it is today.
func (p *past) begin(ctx context.Context, upTo engagement.Offset, served time.Time) error {
	if p.started {
		return nil
	}
	if upTo > learning.Replayed {
		p.at = upTo - learning.Replayed
		p.read = p.at
	}
	if err := p.fetch(ctx); err != nil {
		return err
	}
	from := served
	if len(p.ahead) > 0 && p.ahead[0].Received.Before(from) {
		from = p.ahead[0].Received
	}
	p.started = true
	return p.load(ctx, from)
}

// load lets in what had come by then, and keeps the rest.
func (p *past) load(ctx context.Context, by time.Time) error {
	var after catalog.Number
	for {
		some, err := p.items.Scan(ctx, time.Time{}, after, readAtOnce)
		if err != nil {
			return err
		}
		if len(some) > 0 {
			after = some[len(some)-1].Number
		}
		more := len(some) == readAtOnce
		old := make([]catalog.Snapshot, 0, len(some))
		for i := range some {
			if born(&some[i]).After(by) {
				p.unborn = append(p.unborn, some[i])
			} else {
				old = append(old, some[i])
			}
		}
		if len(old) > 0 {
			p.shelf.Apply(old)
		}
		if !more {
			break
		}
	}
	slices.SortStableFunc(p.unborn, func(a, b catalog.Snapshot) int { return born(&a).Compare(born(&b)) })
	return nil
}

// enter lets items into the catalogue that had come by then.
func (p *past) enter(by time.Time) {
	for n := 0; len(p.unborn) > 0; p.unborn = p.unborn[n:] {
		for n = 0; n < min(len(p.unborn), enterAtOnce) && !born(&p.unborn[n]).After(by); n++ {
		}
		if n == 0 {
			return
		}
		p.shelf.Apply(p.unborn[:n])
	}
}

// holds reports whether the log reaches as far as an instance had learned.
func (p *past) holds(ctx context.Context, upTo engagement.Offset) (ok bool, err error) {
	if upTo > p.head {
		p.head, err = p.log.Head(ctx)
	}
	return upTo <= p.head, err
}

// until lets out the events up to the offset.
func (p *past) until(ctx context.Context, upTo engagement.Offset) error {
	began, told := p.at, p.at
	for p.at < upTo {
		if err := p.fetch(ctx); err != nil {
			return err
		}
		n := 0
		for n < len(p.ahead) && p.ahead[n].Offset <= upTo {
			n++
		}
		if n == 0 { // what was there is erased
			p.at = upTo
			return nil
		}
		p.letOut(p.ahead[:n])
		p.at, p.ahead = p.ahead[n-1].Offset, p.ahead[n:]
		if p.at-told >= tellEvery {
			told = p.at
			p.tell(int64(p.at-began), int64(upTo-began))
		}
	}
	return nil
}

// fetch reads on where nothing is at hand.
func (p *past) fetch(ctx context.Context) (err error) {
	if len(p.ahead) == 0 {
		p.ahead, err = p.log.Read(ctx, p.read, readAtOnce)
		if len(p.ahead) > 0 {
			p.read = p.ahead[len(p.ahead)-1].Offset
		}
	}
	return err
}

// letOut has the events learned, each with the catalogue as it was when it came.
func (p *past) letOut(events []engagement.Logged) {
	from := 0
	for i := range events {
		e := &events[i]
		if len(p.unborn) > 0 && !born(&p.unborn[0]).After(e.Received) {
			p.learn(events[from:i])
			from = i
			p.enter(e.Received)
		}
		p.seen(e)
	}
	p.learn(events[from:])
}

// outlook goes on without learning, for what became of pages, until more says that that is enough or the log ends.
func (p *past) outlook(ctx context.Context, more func(*engagement.Logged) bool) error {
	for {
		if err := p.fetch(ctx); err != nil || len(p.ahead) == 0 {
			return err
		}
		for i := range p.ahead {
			if !more(&p.ahead[i]) {
				return nil
			}
			p.seen(&p.ahead[i])
		}
		p.ahead = nil
	}
}
