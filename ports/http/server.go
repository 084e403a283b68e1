package http

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/tracer/stats"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
)

// Options say where to listen and how much to take in. Zero values mean the defaults.
type Options struct {
	Addr        string        // host:port; port 0 takes a free one
	MaxBody     int           // bytes of a body that is no batch; default 256 KiB
	MaxBatch    int           // bytes of a batch; default 64 MiB
	MaxHeader   int           // bytes of a request's head; default 512 KiB, for cursors and long exclude lists
	ReadTimeout time.Duration // of one read of a request under way; default 30 s
	IdleTimeout time.Duration // of a connection between requests; default 2 min
	PageTime    time.Duration // for computing one page, after which it is answered with what there is; default: no limit
	DouyinFeed  string        // the feed behind /douyin/feed/; default "for-you"
	Version     string        // in openapi.json
	Log         *slog.Logger  // of our own bugs; nil: nowhere
}

func (o Options) withDefaults() Options {
	o.MaxBody = cmp.Or(o.MaxBody, 256<<10)
	o.MaxBatch = cmp.Or(o.MaxBatch, 64<<20)
	o.MaxHeader = cmp.Or(o.MaxHeader, 512<<10)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 30*time.Second)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 2*time.Minute)
	o.DouyinFeed = cmp.Or(o.DouyinFeed, "for-you")
	o.Version = cmp.Or(o.Version, "dev")
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Deps are the use cases behind the routes. All are needed but Callers, Reactions, Metrics and Shadow.
type Deps struct {
	Callers   *admitting.Admit // nil: nobody is asked to prove anything
	Pages     *serving.ServePage
	Events    *observing.RecordEvents
	Items     *publishing.Items
	Counts    serving.Counting
	Decisions *steering.Decisions
	Sessions  *replaying.Sessions
	Viewers   *erasing.Viewers
	Bookmarks feed.Bookmarks
	Reactions engagement.Reactions  // nil: is_favorite is always false
	Metrics   prometheus.Registerer // nil: nothing is measured
	Clock     func() time.Time

	Shadow *Deps // the same over what is kept of shadow traffic; nil: such traffic is refused
}

// Server is one plane: a listener and what answers on it.
type Server struct {
	addr     string
	engine   func(...config.Option) *server.Hertz
	running  *server.Hertz
	listener net.Listener
	done     chan struct{}
	draining atomic.Bool
	stop     sync.Once

	connections *connections
}

// New makes the public plane; it listens once started.
func New(o Options, d Deps) *Server {
	o = o.withDefaults()
	p := &public{opts: o, deps: d, meter: newMeter(d.Metrics), shadowed: newShadowMeter(d.Metrics)}
	s := &Server{addr: o.Addr}
	p.draining = s.Draining
	s.engine = func(more ...config.Option) *server.Hertz { return p.engine(more...) }
	return s
}

// engineOptions are what both planes have in common. Paths are matched as they were sent, so that an
// escaped slash does not split an id; bodies are streams, so that their limits are ours to tell.
func engineOptions(o Options, more []config.Option) []config.Option {
	return append([]config.Option{
		server.WithUseRawPath(true), server.WithUnescapePathValues(false), server.WithRedirectTrailingSlash(false),
		server.WithHandleMethodNotAllowed(true), server.WithStreamBody(true), server.WithDisablePreParseMultipartForm(true),
		server.WithMaxRequestBodySize(8 << 10), // of what is read before a handler asks for it
		server.WithMaxHeaderBytes(o.MaxHeader), server.WithDisablePrintRoute(true),
		server.WithReadTimeout(o.ReadTimeout), server.WithIdleTimeout(o.IdleTimeout), server.WithExitWaitTime(time.Hour),
	}, more...)
}

// Start listens and answers from then on, in the background. It fails when the address cannot be had.
func (s *Server) Start() error {
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.listener, s.done = ln, make(chan struct{})
	s.connections = newConnections()
	s.running = s.engine(server.WithListener(ln), server.WithHostPorts(ln.Addr().String()),
		server.WithOnAccept(s.connections.accept), server.WithTracer(s.connections), server.WithTraceLevel(stats.LevelDisabled))
	failed := make(chan error, 1)
	go func() {
		defer close(s.done)
		failed <- s.running.Run()
	}()
	for !s.running.IsRunning() {
		select {
		case err := <-failed:
			return errors.Join(errors.New("http server ended as it began"), err)
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// Addr is the address in use: with the real port once started.
func (s *Server) Addr() string {
	if s.listener == nil {
		return s.addr
	}
	return s.listener.Addr().String()
}

// Drain announces the end: requests are still answered, each on a connection that ends with it.
func (s *Server) Drain() { s.draining.Store(true) }

// Draining reports whether the end was announced.
func (s *Server) Draining() bool { return s.draining.Load() }

// Shutdown takes no more connections, waits for the requests under way until ctx ends, and then
// leaves them to end by themselves and returns its error. Calling it again, or before Start, does nothing.
func (s *Server) Shutdown(ctx context.Context) (err error) {
	s.Drain()
	s.stop.Do(func() {
		if s.running == nil {
			return
		}
		ended := make(chan error, 1)
		go func() { ended <- s.running.Shutdown(ctx) }()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for done, stopped := s.done, false; done != nil || !stopped; {
			select {
			case err = <-ended:
				stopped = true
			case <-done:
				done = nil
			case <-tick.C:
				s.connections.closeIdle()
				if stopped {
					_ = s.running.Close() // Shutdown came before the event loop was up
				}
			}
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	})
	return err
}
