package load

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Run makes the load and returns what was measured, also when ctx ends it early: then of what there was until then.
// It tells how it goes once a second. It fails when it
// cannot begin, or would leave traces that it should not: shadow traffic must be known and allowed where it goes.
func Run(ctx context.Context, o Options, tell func(Moment)) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	d := &doors{}
	defer d.close()
	for _, to := range o.To {
		door, err := newHTTPDoor(to, &o)
		if err != nil {
			return nil, err
		}
		d.http = append(d.http, door)
		if err := door.rehearses(); err != nil {
			return nil, err
		}
	}
	for _, at := range o.RPC {
		door, err := newRPCDoor(at, &o)
		if err != nil {
			return nil, err
		}
		d.rpc = append(d.rpc, door)
		if err := door.rehearses(); err != nil {
			return nil, err
		}
	}
	return run(ctx, o, d, tell)
}

// doors are all ways in.
type doors struct {
	http, rpc []door
}

func (d *doors) pick(rng *rand.Rand, share float64) door {
	from := d.http
	if len(d.http) == 0 || len(d.rpc) > 0 && rng.Float64() < share {
		from = d.rpc
	}
	return from[rng.IntN(len(from))]
}

func (d *doors) renewed() (n int64) {
	for _, one := range append(d.http[:len(d.http):len(d.http)], d.rpc...) {
		n += one.renewed()
	}
	return n
}

func (d *doors) close() {
	for _, one := range append(d.http[:len(d.http):len(d.http)], d.rpc...) {
		one.close()
	}
}

// running is one run under way.
type running struct {
	o          Options
	doors      *doors
	audience   *audience
	tally      *tally
	arrivals   atomic.Uint64 // sessions begun
	underWay   atomic.Int64  // requests
	began      time.Time
	from, ends time.Time // what is measured: requests that were to begin in between
}

func run(ctx context.Context, o Options, d *doors, tell func(Moment)) (*Report, error) {
	idle, err := hold(ctx, &o)
	if err != nil {
		return nil, err
	}
	defer idle.release()
	r := &running{o: o, doors: d, tally: newTally(), began: time.Now()}
	r.audience = newAudience(&r.o, r.began)
	r.from = r.began.Add(o.WarmUp)
	r.ends = r.from.Add(o.Duration)
	s := newSampler(r, tell)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(ctx) })
	if o.Mode == Open {
		r.open(ctx)
	} else {
		r.closed(ctx)
	}
	watching.Wait()
	return r.report(s, idle, ctx.Err() != nil), nil
}

// scratch is what one request needs and the next can use again.
type scratch struct {
	page  page
	acts  []act
	taken taken
}

// step makes the session's next request, which was to begin at the moment intended, and says how it failed.
func (r *running) step(s *session, intended time.Time, with *scratch) (class string) {
	ctx := context.Background() // a request ends by its own timeout: one that was cut short would say nothing
	door := r.doors.pick(s.rng, r.o.RPCShare)
	k := kind{door.over(), s.reports}
	measured := !intended.Before(r.from)
	var err error
	var sent time.Time
	if s.reports {
		with.acts = r.audience.react(s, with.acts[:0])
		sent = time.Now()
		err = door.report(ctx, s, with.acts, &with.taken)
	} else {
		sent = time.Now()
		err = door.page(ctx, s, &with.page)
	}
	done := time.Now()
	var f *failure
	switch {
	case errors.As(err, &f):
		class = f.class
		if f.malformed {
			r.tally.broke("an answer that cannot be read", 0, s)
		}
		s.over = !s.reports
	case s.reports:
		if measured {
			r.tally.taken(&with.taken)
		}
	default:
		first := s.id == ""
		malformed, repeats := s.take(&with.page, r.o.Limit)
		r.tally.broke(malformed, repeats, s)
		if malformed != "" {
			class, s.over = broken, true
		} else if measured {
			r.tally.served(&with.page, first)
		}
	}
	if measured && class == "" {
		r.tally.answered(k, intended, sent, done)
	} else if measured {
		r.tally.failed(class)
	}
	r.next(s, done)
	return class
}

// next decides what the session does after a request, and when.
func (r *running) next(s *session, now time.Time) {
	s.due = now
	if !s.reports && !s.over {
		s.due = now.Add(s.think(r.o.Think))
		if s.reports = len(s.shown) > 0 && s.rng.Float64() < r.o.Reporting; s.reports {
			return
		}
	}
	s.reports = false
	s.over = s.over || s.ended()
}
