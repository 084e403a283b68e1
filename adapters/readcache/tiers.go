package readcache

import (
	"context"
	"time"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/fault"
)

var errUnread = fault.New(fault.Unavailable, "read_ended", "the answer came too late")

// taken is how long a read waits at most for another instance that reads the same from the source.
const taken = 100 * time.Millisecond

// tiers answers reads of one kind.
type tiers struct {
	guard  *Guard
	shared *redisstore.Cache
	local  *local
	known  *Known // nil: there is no filter
	counts counts
	flights

	// read asks the source; a copy is kept for life at most, and none for 0.
	read func(ctx context.Context, id string) (c redisstore.Copy, life time.Duration, err error)
	// unknown is the answer for an id that the filter does not know.
	unknown redisstore.Copy
}

// get answers what was current when it was called, or later.
func (t *tiers) get(ctx context.Context, id string) (redisstore.Copy, error) {
	if err := ctx.Err(); err != nil {
		return redisstore.Copy{}, errUnread.Because(err)
	}
	since := time.Now().Add(-fresh)
	for {
		if e := t.local.current(id, since); e != nil {
			t.counts.local.hit()
			return e.Copy, nil
		}
		a, second := t.fly(ctx, id, func() answer { return t.ask(ctx, id) })
		if second && a.asOf.Before(since) && ctx.Err() == nil {
			continue // it began too early; the next begins after us
		}
		return a.Copy, a.err
	}
}

// ask goes through the tiers.
func (t *tiers) ask(ctx context.Context, id string) answer {
	asOf := time.Now()
	fast, cancel := context.WithTimeout(ctx, t.guard.opts.Patience)
	defer cancel()
	l, ok := t.guard.trusted(fast)
	if !ok {
		t.counts.redis.skip()
		return t.source(ctx, id, asOf)
	}
	if t.known != nil {
		switch as, at := t.known.look(fast, l, id, asOf.Add(-fresh)); as {
		case stranger:
			t.counts.filter.hit()
			return answer{Copy: t.unknown, asOf: at}
		case acquainted:
			t.counts.filter.miss()
		case unsure:
			t.counts.filter.skip()
		}
	}
	passed := t.local.passed()
	mine := t.local.find(id, l.pact.Epoch)
	token := redisstore.NewToken()
	found, held, ok := t.lookup(ctx, fast, l, id, mine, token)
	switch {
	case !ok:
		t.counts.redis.skip()
		return t.source(ctx, id, asOf)
	case found == redisstore.Same:
		t.counts.local.hit()
		t.local.keep(id, entry{mine.Copy, mine.epoch, mine.kept, asOf}, passed)
		return answer{Copy: mine.Copy, asOf: asOf}
	}
	t.counts.local.miss()
	if found == redisstore.Held {
		t.counts.redis.hit()
		t.local.keep(id, entry{held, l.pact.Epoch, asOf, asOf}, passed)
		return answer{Copy: held, asOf: asOf}
	}
	t.counts.redis.miss()
	if found == redisstore.Taken {
		t.counts.late.Add(1)
		return t.source(ctx, id, asOf)
	}
	return t.fill(ctx, l, id, token, asOf, passed)
}

// lookup asks the fast store, and waits for who reads the source already.
func (t *tiers) lookup(ctx, fast context.Context, l *lease, id string, mine *entry, token string) (redisstore.Found, redisstore.Copy, bool) {
	var have *uint64
	if mine != nil {
		have = &mine.Tag
	}
	until := time.Now().Add(taken)
	for pause := time.Millisecond; ; pause *= 2 {
		found, held, err := t.shared.Lookup(fast, l.pact.Epoch, id, have, token)
		if err != nil {
			if ctx.Err() == nil { // it was not the caller who lost patience
				t.guard.rest()
			}
			return 0, redisstore.Copy{}, false
		}
		if !t.guard.still(fast, l) {
			return 0, redisstore.Copy{}, false
		}
		left := time.Until(until)
		if found != redisstore.Taken || left <= 0 {
			return found, held, true
		}
		t.counts.waits.Add(1)
		select {
		case <-time.After(min(pause, left)):
		case <-fast.Done():
			return redisstore.Taken, held, true
		}
	}
}

// fill asks the source with the lease.
func (t *tiers) fill(ctx context.Context, l *lease, id, token string, asOf time.Time, passed uint64) answer {
	c, life, err := t.read(ctx, id)
	t.counts.sql.note(err)
	fast, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.guard.opts.Patience)
	defer cancel()
	if err != nil || life == 0 {
		_ = t.shared.Release(fast, id, token) // or it ends by itself
		return answer{c, err, asOf}
	}
	kept, fail := t.shared.Fill(fast, l.pact.Epoch, id, token, c, life)
	if fail != nil {
		t.guard.rest()
	}
	if kept {
		t.local.keep(id, entry{c, l.pact.Epoch, asOf, asOf}, passed)
	}
	return answer{c, nil, asOf}
}

// source asks the source alone.
func (t *tiers) source(ctx context.Context, id string, asOf time.Time) answer {
	c, _, err := t.read(ctx, id)
	t.counts.sql.note(err)
	return answer{c, err, asOf}
}
