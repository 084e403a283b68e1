package notifying

import (
	"context"
	"errors"
	"time"
)

const (
	lease   = 5 * time.Second // how long others wait for an instance that died
	renewal = time.Second
	keepIn  = time.Second

	// Behind is how many of the newest events become tasks when nobody made any for long; older ones are left out.
	Behind = 2_000_000
)

// take keeps the right to make tasks. Who comes to it goes on from what was put down.
func (t *Trigger) take(ctx context.Context) (bool, error) {
	now := t.clock()
	if now.Sub(t.renewed) < renewal {
		return t.held, nil
	}
	has, at, err := t.progress.Take(ctx, t.owner, lease)
	if err != nil {
		if now.Sub(t.renewed) >= lease {
			t.drop() // somebody else may have it by now
		}
		return false, err
	}
	t.renewed = now
	if !has || t.held {
		if !has {
			t.drop()
		}
		return has, nil
	}
	return true, t.begin(ctx, at)
}

func (t *Trigger) begin(ctx context.Context, at Place) error {
	head, err := t.log.Head(ctx)
	if err != nil {
		t.renewed = time.Time{}
		return err
	}
	from := at.UpTo
	switch oldest := max(Behind, head) - Behind; {
	case !at.Kept || at.UpTo > head: // the first time; or it is another log
		from = head
	case at.UpTo < oldest:
		from = oldest
	}
	if from != at.UpTo || !at.Kept {
		if err := t.progress.Keep(ctx, t.owner, from); err != nil {
			t.renewed = time.Time{}
			return err
		}
	}
	if at.Kept && from > at.UpTo {
		t.stats.skipped.Add(int64(from - at.UpTo))
	}
	t.held, t.after, t.kept = true, from, from
	t.windows = NewWindows(t.rule)
	t.stats.leads.Store(true)
	return nil
}

func (t *Trigger) drop() {
	t.held = false
	t.windows = NewWindows(t.rule)
	t.stats.leads.Store(false)
	t.stats.open.Store(0)
	t.stats.behind.Store(0)
}

// keep puts down, once in a while, up to where everything is in the queue.
func (t *Trigger) keep(ctx context.Context) error {
	done := t.after
	if low, any := t.windows.Low(); any {
		done = low - 1
	}
	now := t.clock()
	if done == t.kept || now.Sub(t.keptAt) < keepIn {
		return nil
	}
	err := t.progress.Keep(ctx, t.owner, done)
	switch {
	case errors.Is(err, ErrTaken):
		t.drop()
		return nil
	case err == nil:
		t.kept, t.keptAt = done, now
	}
	return err
}

// Close lets another instance go on at once. It comes after the last Follow.
func (t *Trigger) Close(ctx context.Context) error {
	err := t.forget(ctx)
	if !t.held {
		return err
	}
	t.keptAt = time.Time{}
	err = errors.Join(err, t.keep(ctx))
	t.drop()
	return errors.Join(err, t.progress.Give(ctx, t.owner))
}
