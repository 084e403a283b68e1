package http

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// breaking is a dossier that hands out some records, and then fails in one way or another.
type breaking struct {
	records int
	fail    func() error
}

func (b breaking) Export(_ context.Context, v audience.ViewerID, emit func(any) error) error {
	for range b.records {
		d := audience.Decision{Target: audience.Target{Kind: audience.OnItem, ID: strings.Repeat("x", 100)}, Direction: audience.More, At: time.Now()}
		if err := emit(d); err != nil {
			return err
		}
	}
	return b.fail()
}

type drained struct{}

func (drained) Settle(context.Context, time.Duration) error { return nil }

func TestExportsStreamAndBreakOff(t *testing.T) {
	with := func(b breaking) func(*Options, *Deps) {
		return func(_ *Options, d *Deps) { d.Viewers = erasing.NewViewers(b, nil, drained{}, time.Now) }
	}
	gone := fault.New(fault.Unavailable, "sql_unavailable", "the database did not answer")
	w := newWorld(t, with(breaking{0, func() error { return gone.Because(errors.New("password=secret")) }}))
	r := w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 503, r.status)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	require.Equal(t, true, r.json(t)["retryable"])
	require.NotContains(t, r.text, "secret")

	w = newWorld(t, with(breaking{3000, func() error { return nil }}))
	r = w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 3000, strings.Count(r.text, "\n"))

	w = newWorld(t, with(breaking{3000, func() error { return gone }}))
	c := raw(t, w.server.Addr(), "GET /v1/viewers/a/export HTTP/1.1\r\nHost: x\r\n\r\n")
	require.Contains(t, c, "200 OK")
	require.False(t, strings.HasSuffix(c, "0\r\n\r\n"), "a broken stream has no end")
}

func TestBugsAnswerNeutrally(t *testing.T) {
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{0, func() error { return errors.New("password=secret") }}, nil, drained{}, time.Now)
	})
	r := w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 500, r.status)
	require.Equal(t, "internal", r.json(t)["error"])
	require.NotContains(t, r.text, "secret")
	require.Contains(t, w.log.String(), "password=secret", "the log knows")

	w = newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{0, func() error { panic("oh dear") }}, nil, drained{}, time.Now)
	})
	r = w.ask("GET", "/v1/viewers/a/export", "")
	require.Equal(t, 500, r.status)
	require.NotContains(t, r.text, "dear")
	require.Contains(t, w.log.String(), "oh dear")
	require.Equal(t, 200, w.ask("GET", "/docs", "").status, "the service lives on")
}

func TestShutdownWaitsForWhatIsUnderWay(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{1, func() error { close(started); <-finish; return nil }}, nil, drained{}, time.Now)
	})
	var answered reply
	var under sync.WaitGroup
	under.Go(func() { answered = w.ask("GET", "/v1/viewers/a/export", "") })
	<-started
	stopped := make(chan error, 1)
	go func() { stopped <- w.server.Shutdown(context.Background()) }()
	require.Eventually(t, w.server.Draining, time.Second, time.Millisecond)
	select {
	case err := <-stopped:
		t.Fatal("it did not wait", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	under.Wait()
	require.Equal(t, 200, answered.status)
	require.NoError(t, <-stopped)
	connection, err := net.Dial("tcp", w.server.Addr())
	if err == nil {
		_ = connection.Close()
	}
	require.Error(t, err, "nobody listens")
}

func TestShutdownWaitsNoLongerThanItMay(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Viewers = erasing.NewViewers(breaking{1, func() error { close(started); <-finish; return nil }}, nil, drained{}, time.Now)
	})
	var under sync.WaitGroup
	under.Go(func() { w.ask("GET", "/v1/viewers/a/export", "") })
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, w.server.Shutdown(ctx), context.DeadlineExceeded)
	close(finish)
	under.Wait()
}

func TestStartFailsWhereTheAddressIsTaken(t *testing.T) {
	w := newWorld(t)
	d := w.deps
	d.Metrics = nil
	require.Error(t, New(Options{Addr: w.server.Addr()}, d).Start())
	require.NoError(t, New(Options{}, d).Shutdown(context.Background()), "what never started stops at once")
}
