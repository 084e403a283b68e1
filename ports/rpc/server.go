package rpc

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
)

// What Options that are not set stand for.
const (
	DefaultDrain           = 10 * time.Second
	DefaultMaxRequestBytes = 64 << 20
)

// Options say how to listen.
type Options struct {
	Addr            string        // host:port; with port 0 the system picks one
	Drain           time.Duration // how long Shutdown lets calls under way finish; 0: DefaultDrain
	MaxRequestBytes int           // a longer request ends its connection; 0: DefaultMaxRequestBytes
	PageTime        time.Duration // for computing one page, after which it is answered with what there is; 0: no limit
	Log             *slog.Logger  // of our own bugs; nil: nowhere
}

// Deps are the use cases.
type Deps struct {
	Callers   *admitting.Admit // nil: nobody is asked to prove anything
	Pages     *serving.ServePage
	Events    *observing.RecordEvents
	Items     *publishing.Items
	Decisions *steering.Decisions
	Sessions  *replaying.Sessions
	Viewers   *erasing.Viewers

	Shadow *Deps // the same over what is kept of shadow traffic; nil: such traffic is refused
}

// Server answers RPC calls from Start to Shutdown.
type Server struct {
	opts Options
	addr string

	service *service

	stop chan error
	once sync.Once // of stop
	done chan struct{}
	err  error // of the run; read after done
}

// New makes a server that does not listen yet.
func New(opts Options, deps Deps) *Server {
	if opts.Drain == 0 {
		opts.Drain = DefaultDrain
	}
	if opts.MaxRequestBytes == 0 {
		opts.MaxRequestBytes = DefaultMaxRequestBytes
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &service{Deps: deps, pageTime: opts.PageTime, log: opts.Log}
	if deps.Shadow != nil {
		s.apart = &service{Deps: *deps.Shadow, pageTime: opts.PageTime, log: opts.Log}
	}
	return &Server{opts: opts, service: s, stop: make(chan error), done: make(chan struct{})}
}

// Start returns once calls are answered; it is called once. A server that started is to be shut down.
func (s *Server) Start() error {
	ln, err := net.Listen("tcp", s.opts.Addr)
	if err != nil {
		return err
	}
	s.addr = ln.Addr().String()
	bell := &doorbell{rung: make(chan struct{})}
	kitex := freshet.NewServer(s.service,
		server.WithListener(ln),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: "freshet"}),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithMetaHandler(requestIDs{}),
		server.WithMetaHandler(shadowMarks{}),
		server.WithMetaHandler(guests{}),
		server.WithBoundHandler(bell),
		server.WithEnableContextTimeout(true),
		server.WithCodec(codec.NewDefaultCodecWithSizeLimit(s.opts.MaxRequestBytes)),
		server.WithExitWaitTime(s.opts.Drain),
		server.WithExitSignal(func() <-chan error { return s.stop }),
	)
	go func() {
		defer close(s.done)
		s.err = kitex.Run()
	}()
	if err := bell.ring(s.addr, s.done); err != nil {
		return errors.Join(err, s.Shutdown(context.Background()))
	}
	return nil
}

// Shadowed is how many calls were marked as shadow traffic, refused ones included.
func (s *Server) Shadowed() uint64 { return s.service.shadowed.Load() }

// Addr is the address listened on. It is known after Start.
func (s *Server) Addr() string { return s.addr }

// Shutdown stops listening, lets calls under way finish and closes all connections. It is called
// after Start and may be repeated. When ctx ends first, the rest goes on without it, for at most Options.Drain.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(func() { close(s.stop) })
	select {
	case <-s.done:
		if errors.Is(s.err, context.DeadlineExceeded) {
			return errors.New("rpc: calls were still under way when the time to drain ended")
		}
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
