package http

import (
	"bytes"
	"context"
	"strings"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// keyHeader is where a service may send its key, beside Authorization.
const keyHeader = "X-Api-Key"

// challenge is what whoever has to prove something is told (RFC 6750, 3).
const challenge = `Bearer realm="freshet"`

var errScheme = fault.New(fault.Unproven, "bad_authorization", "the header Authorization is Bearer, a blank, and a token or key")

// whom a deed is done for.
type whom uint8

const (
	nobody  whom = iota
	inPath       // the viewer of the path
	inQuery      // the viewer of the query, or nobody
	inside       // whom the handler finds: it has to ask the caller's leave
)

// deed is what a request to the route is about to do, and for whom; about nothing that anybody has to prove anything for, ok is
// false.
func (r *route) deed() (d access.Deed, of whom, ok bool) {
	switch r.group {
	case "pages":
		switch {
		case strings.Contains(r.path, "{viewer}"):
			return access.Watch, inPath, true
		case strings.Contains(r.path, "{session}"):
			return access.Watch, inside, true
		}
		return access.Watch, inQuery, true
	case "events":
		return access.Act, inside, true
	case "items":
		if r.method == "GET" {
			return access.Browse, nobody, true
		}
		return access.Publish, nobody, true
	case "viewers":
		switch {
		case r.name == "exportViewer":
			return access.Export, inPath, true
		case r.name == "eraseViewer":
			return access.Erase, inPath, true
		case r.method == "GET":
			return access.Watch, inPath, true
		}
		return access.Act, inPath, true
	}
	return 0, nobody, false // about the service itself; and the short-video contract, which tells by its token in a 200
}

// admit finds out who calls, and refuses what they may not do.
func (p *public) admit(ctx context.Context, c *call, r *route) error {
	c.caller = access.Trusted()
	d, of, ok := r.deed()
	if p.deps.Callers == nil || !ok {
		return nil
	}
	brings, err := credentialsOf(c)
	if err != nil {
		return err
	}
	if c.caller, err = p.deps.Callers.Caller(ctx, brings); err != nil {
		return err
	}
	switch of {
	case inPath:
		viewer, err := c.path("viewer")
		if err != nil {
			return err
		}
		return c.caller.May(d, audience.ViewerID(viewer))
	case inQuery:
		return c.caller.May(d, audience.ViewerID(c.query("viewer")))
	case inside:
		return c.caller.MaySome(d)
	}
	return c.caller.May(d, "")
}

var bearer = []byte("Bearer ")

// credentialsOf reads what came with the request.
func credentialsOf(c *call) (admitting.Credentials, error) {
	if h := c.Request.Header.Peek("Authorization"); len(h) > 0 {
		if len(h) <= len(bearer) || !bytes.EqualFold(h[:len(bearer)], bearer) {
			return admitting.Credentials{}, errScheme
		}
		return admitting.Credentials{Token: string(bytes.TrimLeft(h[len(bearer):], " "))}, nil
	}
	return admitting.Credentials{Token: string(c.Request.Header.Peek(keyHeader))}, nil
}

// watcher is who asks by the short-video contract. Whose token is not valid is a stranger; when that cannot be told, it fails.
func (p *public) watcher(ctx context.Context, token string) (watcher, error) {
	if p.deps.Callers == nil {
		return watcherOf(token), nil
	}
	caller, err := p.deps.Callers.Caller(ctx, admitting.Credentials{Token: token})
	switch {
	case fault.Is(err, fault.Unproven):
		return watcher{}, nil
	case err != nil:
		return watcher{}, err
	}
	return watcher{caller.Viewer()}, nil
}
