package http

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"

	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// public is the public plane's routes over its use cases.
type public struct {
	opts     Options
	deps     Deps
	meter    *meter
	shadowed *meter // of shadow traffic
	draining func() bool
	table    []route
	document []byte
}

func (p *public) engine(more ...config.Option) *server.Hertz {
	h := server.New(engineOptions(p.opts, more)...)
	p.table = p.routes()
	p.document = openAPI(p.table, p.opts.Version)
	p.castShadow()
	register(h, p.table, func(routes []*route) app.HandlerFunc { return p.around(p.endpoint(routes)) })
	h.Use(p.around(func(ctx context.Context, c *call) { // for what has no route: routes that are registered before do without
		c.Set(callKey, c)
		c.Next(ctx)
	}))
	h.NoRoute(func(_ context.Context, rc *app.RequestContext) { p.lost(callOf(rc)) })
	h.NoMethod(func(_ context.Context, rc *app.RequestContext) { p.refuseMethod(callOf(rc)) })
	return h
}

// register gives every pattern of the table its handler; routes that differ only in the word after an
// id's colon share one.
func register(h *server.Hertz, table []route, endpoint func([]*route) app.HandlerFunc) {
	type key struct{ method, pattern string }
	var order []key
	shared := map[key][]*route{}
	for i := range table {
		k := key{table[i].method, table[i].pattern()}
		if shared[k] == nil {
			order = append(order, k)
		}
		shared[k] = append(shared[k], &table[i])
	}
	for _, k := range order {
		h.Handle(k.method, k.pattern, endpoint(shared[k]))
	}
}

const callKey = "freshet.call"

func callOf(rc *app.RequestContext) *call { return rc.MustGet(callKey).(*call) }

// around is what every request has in common, those without a route included: its id, its measure,
// and an error body where something failed without one.
func (p *public) around(do func(ctx context.Context, c *call)) app.HandlerFunc {
	return func(ctx context.Context, rc *app.RequestContext) {
		began := time.Now()
		c := &call{RequestContext: rc, id: requestIDOf(rc), route: "none", limits: &p.opts, mark: shadowMark(rc)}
		rc.Response.Header.Set("X-Request-Id", c.id)
		if c.mark != nil {
			rc.Response.Header.Set(wire.ShadowHeader, "1") // so that who marks knows that it was understood
		}
		if p.draining() {
			rc.SetConnectionClose()
		}
		func() {
			defer p.recover(c)
			do(ctx, c)
		}()
		if status := rc.Response.StatusCode(); status >= 400 && !rc.Response.HasBodyBytes() && rc.Response.GetHijackWriter() == nil {
			c.fail(errRequest)
			rc.SetStatusCode(status)
		}
		meter := p.meter
		if c.mark != nil {
			meter = p.shadowed
		}
		meter.answered(methodLabel(rc), c.route, rc.Response.StatusCode(), time.Since(began))
	}
}

func (p *public) recover(c *call) {
	if bug := recover(); bug != nil {
		p.opts.Log.Error("panic", "request_id", c.id, "route", c.route, "panic", fmt.Sprint(bug), "stack", string(debug.Stack()))
		c.Response.ResetBody()
		c.fail(fault.Of(fmt.Errorf("panic: %v", bug)))
	}
}

// methodLabel keeps made-up methods out of the metrics.
func methodLabel(c *app.RequestContext) string {
	m := c.Method()
	for _, known := range methods {
		if string(m) == known {
			return known
		}
	}
	return "other"
}

var methods = [...]string{"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// endpoint answers one pattern.
func (p *public) endpoint(routes []*route) func(ctx context.Context, c *call) {
	return func(ctx context.Context, c *call) {
		r := choose(routes, c.RequestContext)
		if r == nil {
			p.refuseMethod(c)
			return
		}
		c.route = r.path
		do, err := r.do, p.admit(ctx, c, r)
		if err == nil && c.mark != nil {
			do, err = p.inShadow(c, r)
		}
		if err == nil && !r.lenient {
			err = c.checkQuery(r.query)
		}
		if err == nil && r.body == nil && r.method != "GET" {
			err = c.nothing()
		}
		if err == nil {
			err = do(ctx, c)
		}
		if err != nil {
			p.failed(c, err)
		}
	}
}

func (p *public) failed(c *call, err error) {
	e := fault.Of(err)
	if e.Kind() == fault.Internal {
		p.opts.Log.Error("request failed", "request_id", c.id, "route", c.route, "error", err.Error())
	} else if e.Kind() == fault.Unavailable {
		p.opts.Log.Warn("request failed", "request_id", c.id, "route", c.route, "error", err.Error())
	}
	c.fail(e)
}

// lost answers paths that no route has. One that has only a slash too many is told the right place.
func (p *public) lost(c *call) {
	path := string(c.Request.URI().PathOriginal())
	if short := strings.TrimSuffix(path, "/"); short != path && len(p.methodsAt(short)) > 0 {
		if query := c.Request.URI().QueryString(); len(query) > 0 {
			short += "?" + string(query)
		}
		c.Response.Header.Set("Location", short)
		c.fail(errMoved)
		return
	}
	if len(p.methodsAt(path)) > 0 {
		p.refuseMethod(c)
		return
	}
	c.fail(errNoRoute)
}

func (p *public) refuseMethod(c *call) {
	allowed := p.methodsAt(string(c.Request.URI().PathOriginal()))
	if len(allowed) == 0 {
		c.fail(errNoRoute)
		return
	}
	c.Response.Header.Set("Allow", strings.Join(allowed, ", "))
	c.fail(errMethod.Saying("this path answers %s", strings.Join(allowed, ", ")))
}

// methodsAt lists what the table answers at a path.
func (p *public) methodsAt(path string) []string {
	var methods []string
	for i := range p.table {
		if p.table[i].matches(path) {
			methods = append(methods, p.table[i].method)
		}
	}
	return methods
}
