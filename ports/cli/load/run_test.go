package load

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(background...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// background runs as long as the process, whoever uses Kitex and Hertz.
var background = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createTicker.func1"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createWorker.func1"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"),
}

// pretend answers as a service would, in as much time as takes says.
type pretend struct {
	takes func(now time.Time) time.Duration
	fails func() error
	alter func(p *page)

	mu    sync.Mutex
	asked []time.Time // of pages and reports
}

func (d *pretend) over() way      { return overHTTP }
func (d *pretend) renewed() int64 { return 0 }
func (d *pretend) close()         {}

func (d *pretend) serve() error {
	now := time.Now()
	d.mu.Lock()
	d.asked = append(d.asked, now)
	d.mu.Unlock()
	if d.takes != nil {
		time.Sleep(d.takes(now))
	}
	if d.fails != nil {
		return d.fails()
	}
	return nil
}

func (d *pretend) page(_ context.Context, s *session, p *page) error {
	if err := d.serve(); err != nil {
		return err
	}
	p.reset()
	*p = page{Session: s.id, Number: s.number + 1, Cursor: "more", Rung: "full"}
	if s.id == "" {
		p.Session = fmt.Sprintf("s%d", s.rng.Uint64())
	}
	for i := range 3 {
		id := fmt.Sprintf("i%d", s.number*3+int64(i))
		p.Items = append(p.Items, shown{id, "c-" + id, int64(i + 1)})
	}
	if d.alter != nil {
		d.alter(p)
	}
	return nil
}

func (d *pretend) report(_ context.Context, _ *session, acts []act, t *taken) error {
	if err := d.serve(); err != nil {
		return err
	}
	*t = taken{Accepted: int64(len(acts))}
	return nil
}

// under runs the load on a clock of its own.
func under(t testing.TB, o Options, d *pretend) *Report {
	o.To = []string{"http://127.0.0.1:8080"}
	require.NoError(t, o.Check())
	r, err := run(context.Background(), o, &doors{http: []door{d}}, nil)
	require.NoError(t, err)
	return r
}

func TestArrivalsAreEquallyFarApartWhateverBecomesOfThem(t *testing.T) {
	millis := func(rt *rapid.T, name string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(rt, name)) * time.Millisecond
	}
	rapid.Check(t, func(rt *rapid.T) {
		o := Defaults(Open)
		o.Rate, o.Connections, o.WarmUp = rapid.Float64Range(0.5, 500).Draw(rt, "rate"), 1001, 0
		o.Duration, o.Think = millis(rt, "duration", 1, 3000), millis(rt, "think", 0, 2000)
		slow, failing := millis(rt, "slow", 0, 2000), rapid.Bool().Draw(rt, "failing")
		synctest.Test(t, func(t *testing.T) {
			d := &pretend{takes: func(time.Time) time.Duration { return slow }, fails: func() error {
				if failing {
					return &failure{class: "http 500 internal"}
				}
				return nil
			}}
			began := time.Now()
			r := under(t, o, d)
			for i, at := range d.asked {
				require.Equal(t, began.Add(time.Duration(float64(i)/o.Rate*float64(time.Second))), at, "arrival %d", i)
			}
			asked := int64(len(d.asked))
			require.Equal(t, asked, r.Requests)
			require.Equal(t, map[bool]int64{true: asked, false: 0}[failing], r.Failed)
			require.Equal(t, asked, r.OK+r.Failed)
			require.InDelta(t, o.Rate*o.Duration.Seconds()+0.5, asked, 0.51, "one at the beginning, then as the rate says")
		})
	})
}

// stall answers in a millisecond, but for one second of the run, in which nothing is answered.
func stall(from time.Time) func(time.Time) time.Duration {
	return func(now time.Time) time.Duration {
		if left := from.Add(time.Second).Sub(now); left > 0 && left <= time.Second {
			return left
		}
		return time.Millisecond
	}
}

func TestAStallShowsInAnOpenLoopAndHidesInAClosedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Defaults(Open)
		o.Rate, o.WarmUp, o.Duration = 100, 0, 10*time.Second
		r := under(t, o, &pretend{takes: stall(time.Now().Add(5 * time.Second))})
		require.EqualValues(t, 1000, r.OK)
		require.Zero(t, r.Failed)
		require.InDelta(t, 1, r.Latency.P50, 0.01)
		require.Greater(t, r.Latency.P99, 880.0, "a tenth of the requests began in the second without answers")
		require.InDelta(t, 1000, r.Latency.Max, 11)

		c := Defaults(Closed)
		c.WarmUp, c.Duration, c.Connections = 0, 10*time.Second, 4
		r = under(t, c, &pretend{takes: stall(time.Now().Add(5 * time.Second))})
		require.InDelta(t, 1, r.Latency.P99, 0.01, "as many were late as there are callers, and no more were asked")
	})
}

func TestLatenciesCountFromWhenARequestWasToBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &running{o: Defaults(Open), tally: newTally()}
		now := time.Now()
		r.from, r.doors = now, &doors{http: []door{&pretend{takes: func(time.Time) time.Duration { return 20 * time.Millisecond }}}}
		r.audience = newAudience(&r.o, now)
		s := r.audience.arrive(1)
		time.Sleep(300 * time.Millisecond)
		r.step(s, now, &scratch{})
		out := r.report(newSampler(r, nil), nil, false)
		require.InDelta(t, 320, out.Kinds[0].Latency.P50, 0.5)
		require.InDelta(t, 20, out.Kinds[0].Service.P50, 0.05)
		require.InDelta(t, 300, out.Late.P50, 0.5)
	})
}

func TestWhatCannotBeSentCountsAsOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Defaults(Open)
		o.Rate, o.WarmUp, o.Duration, o.Connections = 100, 0, 2*time.Second, 7
		d := &pretend{takes: func(time.Time) time.Duration { return time.Second - time.Millisecond }}
		r := under(t, o, d)
		require.EqualValues(t, 200, r.Requests, "as many as were to begin")
		require.EqualValues(t, 14, r.OK)
		require.Equal(t, map[string]int64{overflow: 186}, r.Errors)
		require.Len(t, d.asked, 14)
	})
}

func TestTheWarmUpIsNotMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Defaults(Open)
		o.Rate, o.WarmUp, o.Duration = 10, 3*time.Second, 2*time.Second
		began := time.Now()
		r := under(t, o, &pretend{fails: func() error {
			if time.Since(began) < 3*time.Second {
				return &failure{class: "http 503 not_ready"}
			}
			return nil
		}})
		require.EqualValues(t, 20, r.OK)
		require.Zero(t, r.Failed)
		require.InDelta(t, 2, r.Seconds, 0.001)
		require.Len(t, r.Timeline, 2)
	})
}

func TestCallersOfAClosedLoopThinkAndAskAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Defaults(Closed)
		o.WarmUp, o.Duration, o.Connections, o.Reporting = 0, 10*time.Second, 3, 0
		d := &pretend{takes: func(time.Time) time.Duration { return 100 * time.Millisecond }}
		require.EqualValues(t, 300, under(t, o, d).OK)

		o.Think, o.Pages = 400*time.Millisecond, 1000
		require.InDelta(t, 60, under(t, o, d).OK, 25, "half a second a page, on average")
	})
}

func TestALoadThatIsEndedEarlyReportsWhatThereWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, mode := range []Mode{Open, Closed} {
			o := Defaults(mode)
			o.WarmUp, o.Duration, o.Think = 0, time.Hour, time.Minute
			o.To = []string{"http://127.0.0.1:8080"}
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
			r, err := run(ctx, o, &doors{http: []door{&pretend{}}}, nil)
			cancel()
			require.NoError(t, err)
			require.True(t, r.Interrupted)
			require.InDelta(t, 2.5, r.Seconds, 0.001)
			require.Positive(t, r.OK)
			require.NoError(t, r.Failure())
		}
	})
}
