package kafkastore

import (
	"context"
	"errors"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
)

// reader is where reading stands: what is asked for next mostly is what comes next.
type reader struct {
	*follower
	steps []step // read, and not handed out
	last  step   // the last that a Stretch has handed out
}

func (r *reader) close() {
	if r != nil {
		r.follower.close()
	}
}

// position is the mark before what comes next.
func (r *reader) position() copying.Mark {
	if len(r.steps) > 0 {
		return r.steps[0].before
	}
	return r.at
}

// fill reads on. What is before the reader's beginning comes to nothing. When ctx ends meanwhile, the reader stays as it is.
func (r *reader) fill(ctx context.Context) error {
	return r.poll(ctx, func(number int64, key, value []byte) error {
		s, err := r.take(number, key, value)
		if err == nil && s.after.Record > s.before.Record {
			r.steps = append(r.steps, s)
		}
		return err
	})
}

// begin has reading begin at the mark.
func (l *Log) begin(ctx context.Context, at copying.Mark) error {
	l.reader.close()
	l.reader = nil
	f, err := l.follow(ctx, at)
	if err != nil {
		return err
	}
	l.reader = &reader{follower: f}
	return nil
}

// next returns the step at the reader's position, nil at the end.
func (l *Log) next(ctx context.Context, end int64) (*step, error) {
	for len(l.reader.steps) == 0 {
		if more, err := l.more(ctx, end); err != nil || !more {
			return nil, err
		}
	}
	return &l.reader.steps[0], nil
}

// more reads on, and reports whether there is something before the end. After an error other than the end of its time reading
// begins anew.
func (l *Log) more(ctx context.Context, end int64) (bool, error) {
	if l.reader.at.Record >= end {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.opts.Patience) // others wait for the reader
	defer cancel()
	err := l.reader.fill(ctx)
	if err != nil && (ctx.Err() == nil || !errors.Is(err, ctx.Err())) {
		l.reader.close()
		l.reader = nil
	}
	return err == nil, err
}

// Read implements engagement.EventLog. It is quick for who reads on, one reader at a time.
func (l *Log) Read(ctx context.Context, after engagement.Offset, limit int) (out []engagement.Logged, err error) {
	end, err := l.End(ctx)
	if err != nil || after >= end.Offset {
		return nil, err
	}
	l.reading.Lock()
	defer l.reading.Unlock()
	if l.reader == nil || l.reader.position().Offset > after {
		l.mu.Lock()
		base := l.copied
		l.mu.Unlock()
		if base.Offset > after {
			return nil, errCopied
		}
		if err := l.begin(ctx, base); err != nil {
			return nil, err
		}
	}
	for at := 0; len(out) < limit; {
		if at == len(l.reader.steps) {
			if more, err := l.more(ctx, end.Record); err != nil || !more {
				return out, err
			}
			continue
		}
		s := &l.reader.steps[at]
		if s.after.Offset <= after { // read before
			l.reader.steps, at = l.reader.steps[1:], 0
			continue
		}
		for _, e := range s.events {
			if e.Offset > after && len(out) < limit {
				out = append(out, e)
			}
		}
		at++
	}
	return out, nil
}

// Stretch implements copying.Source.
func (l *Log) Stretch(ctx context.Context, from copying.Mark, limit int) ([]engagement.Logged, copying.Mark, error) {
	end, err := l.end(ctx)
	if err != nil || from.Record >= end {
		return nil, from, err
	}
	l.reading.Lock()
	defer l.reading.Unlock()
	if l.reader == nil || l.reader.position().Record != from.Record || l.reader.position().Offset != from.Offset {
		if err := l.begin(ctx, from); err != nil {
			return nil, from, err
		}
	}
	var out []engagement.Logged
	to := from
	for len(out) < limit {
		s, err := l.next(ctx, end)
		if err != nil {
			return nil, from, err
		}
		if s == nil {
			break
		}
		out = append(out, s.events...)
		to, l.reader.last = s.after, *s
		l.reader.last.events, l.reader.steps[0] = nil, step{} // nobody else's copy stays
		l.reader.steps = l.reader.steps[1:]
	}
	return out, to, nil
}

// Copied implements copying.Source. Records go that nobody needs any more who begins there.
func (l *Log) Copied(ctx context.Context, upTo copying.Mark) error {
	l.change(func() {
		if upTo.Record > l.copied.Record {
			l.copied = upTo
			l.behind.drop(upTo.Record)
		}
	})
	l.reading.Lock()
	keep := int64(0)
	if l.reader != nil && l.reader.last.after == upTo {
		keep = l.reader.last.keep
		l.reader.last.keep = 0
	}
	l.reading.Unlock()
	if keep <= l.Stats().Deleted {
		return nil
	}
	err := l.deleteBefore(ctx, keep)
	if err == nil {
		l.count(func(s *Stats) { s.Deleted = max(s.Deleted, keep) })
	}
	return err
}
