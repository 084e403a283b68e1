package job

import (
	"context"
	"sync"
	"time"
)

// Loop is one thing to do again and again.
type Loop struct {
	Name string
	// Every is how long to wait after a run that found nothing to do; a tenth more or less, so that instances do
	// not march in step. 0 is for a Run that waits for work by itself: it runs again at once.
	Every time.Duration
	// Run does what there is to do and says how much it was. It is run again at once while it finds something,
	// and never beside itself. After an error it is run again after a while, longer after every further one.
	Run func(ctx context.Context) (int, error)
}

// Observer hears of every run: how much it did, how it failed, how long it took. A run that was cut short by
// Stop is not told of. It is called from several goroutines.
type Observer func(name string, did int, err error, took time.Duration)

// Group runs loops. The zero Group is not usable: see NewGroup.
type Group struct {
	observe Observer
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// NewGroup runs nothing yet; observe may be nil.
func NewGroup(observe Observer) *Group {
	if observe == nil {
		observe = func(string, int, error, time.Duration) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Group{observe: observe, ctx: ctx, cancel: cancel}
}

// Start runs the loops from now on, each at once. After Stop it starts nothing.
func (g *Group) Start(loops ...Loop) {
	for _, l := range loops {
		if g.ctx.Err() != nil {
			return
		}
		g.running.Add(1)
		go func() {
			defer g.running.Done()
			l.run(g.ctx, g.observe)
		}()
	}
}

// Stop ends the context of every run and waits until all have returned, or until ctx ends: then it fails with
// ctx's error, and what still runs ends by itself. It may be called again, but not beside Start.
func (g *Group) Stop(ctx context.Context) error {
	g.cancel()
	done := make(chan struct{})
	go func() {
		g.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
