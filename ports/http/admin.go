package http

import (
	"context"
	"fmt"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/adaptor"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/hertz-contrib/pprof"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// AdminDeps are what operators look at. All are needed but Draining, Digest and Callers.
type AdminDeps struct {
	Callers  func() *admitting.Admit        // tells operators from others; what it returns is nil before that can be told; nil: nobody is asked
	Ready    func() error                   // nil when pages can be served
	Draining func() bool                    // the public plane's; nil: never
	Digest   func() (catalog.Digest, error) // of the index's published items; nil: there is no index
	Metrics  prometheus.Gatherer
	Config   func() string // the effective configuration, secrets masked
	Version  string
}

// NewAdmin makes the admin plane. Its address is for operators.
func NewAdmin(o Options, d AdminDeps) *Server {
	o = o.withDefaults()
	a := &admin{opts: o, deps: d}
	return &Server{addr: o.Addr, engine: a.engine}
}

type admin struct {
	opts Options
	deps AdminDeps
}

func (a *admin) engine(more ...config.Option) *server.Hertz {
	h := server.New(engineOptions(a.opts, append(more, server.WithRedirectTrailingSlash(true)))...)
	h.Use(func(ctx context.Context, rc *app.RequestContext) {
		c := &call{RequestContext: rc, id: requestIDOf(rc), limits: &a.opts}
		rc.Set(callKey, c)
		rc.Response.Header.Set("X-Request-Id", c.id)
		if shadowMark(rc) != nil {
			c.fail(errShared)
			rc.Abort()
			return
		}
		if err := a.admit(ctx, c); err != nil {
			c.fail(fault.Of(err))
			rc.Abort()
			return
		}
		rc.Next(ctx)
	})
	for path, do := range map[string]handler{
		"/healthz": a.health, "/readyz": a.ready, "/config": a.config, "/version": a.version, "/": a.index, "/index/digest": a.digest,
	} {
		endpoint := func(ctx context.Context, rc *app.RequestContext) {
			if err := do(ctx, callOf(rc)); err != nil {
				callOf(rc).fail(fault.Of(err))
			}
		}
		h.GET(path, endpoint)
		h.HEAD(path, endpoint)
	}
	h.GET("/metrics", adaptor.HertzHandler(promhttp.HandlerFor(a.deps.Metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})))
	pprof.RouteRegister(&h.RouterGroup)
	h.NoRoute(func(_ context.Context, rc *app.RequestContext) { callOf(rc).fail(errNoRoute) })
	h.NoMethod(func(_ context.Context, rc *app.RequestContext) {
		for _, r := range h.Routes() {
			if r.Path == string(rc.Path()) {
				rc.Response.Header.Add("Allow", r.Method)
			}
		}
		callOf(rc).fail(errMethod)
	})
	return h
}

func (a *admin) health(_ context.Context, c *call) error {
	c.answer(http.StatusOK, func(w *jsonText) {
		w.open('{')
		w.text("status", "alive")
		w.close('}')
	})
	return nil
}

// ready answers 200 only when pages can be served, and says why not.
func (a *admin) ready(_ context.Context, c *call) error {
	if a.deps.Draining != nil && a.deps.Draining() {
		return errNotReady.Saying("the service is shutting down")
	}
	if err := a.deps.Ready(); err != nil {
		return errNotReady.Saying("%s", err).Because(err)
	}
	c.answer(http.StatusOK, func(w *jsonText) {
		w.open('{')
		w.text("status", "ready")
		w.close('}')
	})
	return nil
}

// digest tells what the index holds, to be compared with the catalogue and with other instances.
func (a *admin) digest(_ context.Context, c *call) error {
	if a.deps.Digest == nil {
		return errNotReady.Saying("there is no index here")
	}
	d, err := a.deps.Digest()
	if err != nil {
		return errNotReady.Saying("%s", err).Because(err)
	}
	c.answer(http.StatusOK, func(w *jsonText) {
		w.open('{')
		w.number("items", int64(d.Items))
		w.text("sum", fmt.Sprintf("%016x", d.Sum))
		w.close('}')
	})
	return nil
}

func (a *admin) config(_ context.Context, c *call) error {
	c.Response.Header.SetContentType("text/plain; charset=utf-8")
	c.Response.SetBodyString(a.deps.Config())
	return nil
}

func (a *admin) version(_ context.Context, c *call) error {
	c.answer(http.StatusOK, func(w *jsonText) {
		w.open('{')
		w.text("version", a.deps.Version)
		w.close('}')
	})
	return nil
}

func (a *admin) index(_ context.Context, c *call) error {
	c.Response.Header.SetContentType("text/plain; charset=utf-8")
	c.Response.SetBodyString("/healthz\n/readyz\n/metrics\n/config\n/version\n/index/digest\n/debug/pprof/\n")
	return nil
}

// admit lets in who may operate; health and readiness are told to everybody.
func (a *admin) admit(ctx context.Context, c *call) error {
	if path := string(c.Path()); a.deps.Callers == nil || path == "/healthz" || path == "/readyz" {
		return nil
	}
	callers := a.deps.Callers()
	if callers == nil {
		return errNotReady.Saying("the service is starting")
	}
	brings, err := credentialsOf(c)
	if err != nil {
		return err
	}
	caller, err := callers.Caller(ctx, brings)
	if err != nil {
		return err
	}
	return caller.May(access.Operate, "")
}
