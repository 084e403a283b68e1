package http

import (
	"github.com/cloudwego/hertz/pkg/app"

	"github.com/freshet/freshet/ports/wire"
)

// shadowMark is the value that marks a request as shadow traffic; nil: it is none.
func shadowMark(rc *app.RequestContext) []byte {
	if mark := rc.Request.Header.Peek(wire.ShadowHeader); len(mark) > 0 {
		return mark
	}
	return nil
}

// castShadow gives the routes that shadow traffic may use what does them for it.
func (p *public) castShadow() {
	if p.deps.Shadow == nil {
		return
	}
	apart := *p
	apart.deps, apart.meter = *p.deps.Shadow, p.shadowed
	for i, twin := range apart.routes() {
		if p.table[i].rehearses() {
			p.table[i].apart = twin.do
		}
	}
}

// inShadow chooses what answers a marked request.
func (p *public) inShadow(c *call, r *route) (handler, error) {
	switch {
	case r.group == "about": // the same for everybody
		return r.do, nil
	case string(c.mark) != "1":
		return nil, errMark
	case p.deps.Shadow == nil:
		return nil, errNoShadow
	case r.apart == nil:
		return nil, errShared
	}
	return r.apart, nil
}

// rehearses reports that the route is for shadow traffic too, because all it writes is kept apart.
func (r *route) rehearses() bool {
	switch r.group {
	case "pages", "events", "short video":
		return true
	case "viewers":
		return r.name != "eraseViewer"
	case "items":
		return r.method == "GET"
	}
	return false
}

// aboutMark says what marking a request of the route does; of some it does nothing.
func (r *route) aboutMark() (about string, may bool) {
	switch {
	case r.group == "about":
		return "", false
	case r.rehearses():
		return "Marks shadow traffic, such as a load test: its viewers are strangers to the real ones of the same id, and nothing they do counts. All requests of a session have it, or none; every answer to them has it too.", true
	}
	return "Of shadow traffic, to which this is refused.", true
}
