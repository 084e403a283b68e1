package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/cloudwego/hertz/pkg/protocol"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/ports/wire"
)

// Before anything is asked for that leaves a trace, the mark of a rehearsal is tried on a request that leaves none.

const disabled = " 403 shadow_disabled"

func unwilling(at string) error {
	return fmt.Errorf("%s refuses shadow traffic while its shadow.enabled is off; with --real it counts as real viewers'", at)
}

// rehearses fails when the instance refuses marked requests, or takes them for real ones: it says of those it knows that it
// does. It fails as well when that cannot be found out.
func (d *httpDoor) rehearses() error {
	if !d.shadow {
		return nil
	}
	q, a := protocol.AcquireRequest(), protocol.AcquireResponse()
	defer protocol.ReleaseRequest(q)
	defer protocol.ReleaseResponse(a)
	q.SetRequestURI(d.root + "/v1/items/load")
	var f *failure
	switch err := d.ask(q, a); {
	case errors.As(err, &f) && lost(f.class):
		return unreachable(d.root, f.class)
	case f != nil && f.class == "http"+disabled:
		return unwilling(d.root)
	case a.Header.Get(wire.ShadowHeader) != "1":
		return fmt.Errorf("%s does not know shadow traffic and would take it for real viewers'; with --real it may", d.root)
	}
	return nil
}

// rehearses fails when the instance refuses marked calls. By RPC it cannot be told who does not know the mark.
func (d *rpcDoor) rehearses() error {
	if !d.shadow {
		return nil
	}
	_, err := d.client.GetItem(d.marked(context.Background()), &thrift.GetItemRequest{Id: "load"}, d.there)
	if err == nil {
		return nil
	}
	switch class := failureOf(err).class; {
	case lost(class):
		return unreachable(d.addr, class)
	case class == "rpc"+disabled:
		return unwilling(d.addr)
	}
	return nil
}

// lost reports that nobody answered.
func lost(class string) bool { return class == noConnection || class == noAnswer || class == cutShort }

func unreachable(at, class string) error { return fmt.Errorf("%s does not answer: %s", at, class) }
