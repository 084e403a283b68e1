package snowflake_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/freshet/freshet/infrastructure/snowflake"
	"github.com/freshet/freshet/infrastructure/snowflake/snowflaketest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ledger holds leases in memory, so that a test can break it and run on a clock of its own.
type ledger struct {
	mu     sync.Mutex
	rows   map[int]row
	broken error
	calls  int
	slow   time.Duration
}

type row struct {
	owner        string
	until, reach time.Time
}

func TestTheLedgerOfTheseTestsKeepsTheContract(t *testing.T) {
	snowflaketest.Leases(t, func(*testing.T) (a, b snowflake.Leases) {
		l := &ledger{}
		return l, l
	})
}

func (l *ledger) breakWith(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = err
}

func (l *ledger) set(worker int, r row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = map[int]row{worker: r}
}

func (l *ledger) called() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

// in runs do as the store would.
func (l *ledger) in(ctx context.Context, do func() error) error {
	if l.slow > 0 {
		time.Sleep(l.slow)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if err := errors.Join(ctx.Err(), l.broken); err != nil {
		return err
	}
	if l.rows == nil {
		l.rows = map[int]row{}
	}
	return do()
}

func (l *ledger) Take(ctx context.Context, owner string, workers int, lease time.Duration, reach time.Time) (worker int, after time.Time, err error) {
	err = l.in(ctx, func() error {
		worker = -1
		for n := range workers {
			r := l.rows[n]
			if !time.Now().Before(r.until) && (worker < 0 || r.reach.Before(after)) {
				worker, after = n, r.reach
			}
		}
		if worker < 0 {
			return fmt.Errorf("all %d are held", workers)
		}
		l.rows[worker] = row{owner, time.Now().Add(lease), later(after, reach)}
		return nil
	})
	return worker, after, err
}

func (l *ledger) Renew(ctx context.Context, owner string, worker int, lease time.Duration, reach time.Time) (held bool, err error) {
	err = l.in(ctx, func() error {
		r := l.rows[worker]
		if held = r.owner == owner; held {
			l.rows[worker] = row{owner, time.Now().Add(lease), later(r.reach, reach)}
		}
		return nil
	})
	return held, err
}

func (l *ledger) Give(ctx context.Context, owner string, worker int) error {
	return l.in(ctx, func() error {
		if r := l.rows[worker]; r.owner == owner {
			l.rows[worker] = row{reach: r.reach}
		}
		return nil
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
