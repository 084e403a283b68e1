package kafkastore

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/fault"
)

// again is how long after a failure the log is read anew.
const again = 100 * time.Millisecond

// run follows the log until ctx ends. After a failure it begins anew at where the log was copied to.
func (l *Log) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		err := l.runOnce(ctx)
		if ctx.Err() != nil {
			err = errClosing
		}
		l.change(func() { l.tail, l.failed = nil, err })
		pause(ctx)
	}
}

func (l *Log) runOnce(ctx context.Context) error {
	base, err := l.base(ctx)
	if err != nil {
		return err
	}
	f, err := l.follow(ctx, base)
	if errors.Is(err, errLost) { // or copied since we asked
		if now, fail := l.base(ctx); fail == nil && now != base {
			return errUnavailable.Because(err)
		}
	}
	if err != nil {
		return err
	}
	defer f.close()
	l.change(func() {
		l.tail, l.failed, l.copied = f.machine, nil, base
		l.behind.begin()
	})
	for {
		err := f.poll(ctx, func(number int64, key, value []byte) (err error) {
			l.change(func() {
				var s step
				if s, err = f.take(number, key, value); err == nil {
					l.met(s)
				}
			})
			return err
		})
		if err != nil {
			return err
		}
	}
}

// base is where to begin: where the log was copied to, as far as is known.
func (l *Log) base(ctx context.Context) (copying.Mark, error) {
	base, err := l.opts.Base(ctx)
	if fault.Is(err, fault.Unavailable) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.copied.Record > 0 {
			return l.copied, nil
		}
	}
	return base, err
}

// met has the record's writer hear of it.
func (l *Log) met(s step) {
	for i := range s.events {
		l.behind.add(s.events[i].Viewer, s.after.Record)
	}
	if len(s.key) != 16 || [8]byte(s.key) != l.name {
		return
	}
	seq := binary.BigEndian.Uint64(s.key[8:])
	if w := l.waiters[seq]; w != nil {
		delete(l.waiters, seq)
		w.fresh = s.fresh
		close(w.found)
	}
}

// change changes something and tells who waits.
func (l *Log) change(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
	close(l.moved)
	l.moved = make(chan struct{})
}

// await waits until ready says so. Ready is called under the lock.
func (l *Log) await(ctx context.Context, ready func() (bool, error)) error {
	for {
		l.mu.Lock()
		ok, err := ready()
		moved := l.moved
		l.mu.Unlock()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errUnavailable.Because(ctx.Err())
		case <-moved:
		}
	}
}

// sync returns once the tail has read everything that is in the log now; past patience it fails.
func (l *Log) sync(ctx context.Context) error {
	end, err := l.end(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, l.opts.Patience)
	defer cancel()
	return l.await(ctx, func() (bool, error) {
		if l.tail == nil {
			if l.failed != nil && !fault.Is(l.failed, fault.Unavailable) {
				return false, l.failed
			}
			return false, nil
		}
		return l.tail.read >= end, nil
	})
}
