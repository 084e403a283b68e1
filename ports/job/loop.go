package job

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// How long to wait after the first error in a row, and at most; every further one doubles it.
const (
	firstPause = 100 * time.Millisecond
	mostPause  = time.Second
)

// Panic is the error of a run that panicked.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

func (l Loop) run(ctx context.Context, observe Observer) {
	failures := 0
	for ctx.Err() == nil {
		began := time.Now()
		did, err := l.once(ctx)
		if ctx.Err() != nil && err != nil {
			return
		}
		observe(l.Name, did, err, time.Since(began))
		switch {
		case err != nil:
			failures++
			wait(ctx, pause(failures, rand.Float64()))
		case did > 0:
			failures = 0
		default:
			failures = 0
			wait(ctx, l.Every-l.Every/10+time.Duration(rand.Float64()*float64(l.Every/5)))
		}
	}
}

func (l Loop) once(ctx context.Context) (did int, err error) {
	defer func() {
		if v := recover(); v != nil {
			did, err = 0, &Panic{v, debug.Stack()}
		}
	}()
	return l.Run(ctx)
}

// pause is how long to wait after so many errors in a row: between a half and the whole of what doubling gives,
// as chance (0 to 1) has it.
func pause(failures int, chance float64) time.Duration {
	whole := mostPause
	if failures < 10 {
		whole = min(mostPause, firstPause<<(failures-1))
	}
	return whole/2 + time.Duration(chance*float64(whole/2))
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
