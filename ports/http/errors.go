package http

import (
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// What this port itself refuses.
var (
	errNoRoute   = fault.New(fault.NotFound, "route_not_found", "there is nothing at this path")
	errMethod    = fault.New(fault.Invalid, "method_not_allowed", "this path does not answer this method")
	errMoved     = fault.New(fault.Invalid, "moved", "this path is spelled differently; see the Location header")
	errRequest   = fault.New(fault.Invalid, "bad_request", "the request is not HTTP as this service reads it")
	errParameter = fault.New(fault.Invalid, "unknown_parameter", "there is no such query parameter")
	errRepeated  = fault.New(fault.Invalid, "repeated_parameter", "the query parameter is given more than once")
	errMissing   = fault.New(fault.Invalid, "missing", "the field is required")
	errExplain   = fault.New(fault.Invalid, "bad_explain", `explain is "none", "user" or "debug"`)
	errPage      = fault.New(fault.Invalid, "bad_page", "a page has a number from 1")
	errEscape    = fault.New(fault.Invalid, "bad_id", "the path is not percent-encoded UTF-8")
	errEmpty     = fault.New(fault.Invalid, "empty_body", "the request has no body")
	errTooLarge  = fault.New(fault.Invalid, "too_large", "the body is too large")
	errBody      = fault.New(fault.Invalid, "incomplete_body", "the body ended too soon")
	errMark      = fault.New(fault.Invalid, "bad_shadow", "the value of the header "+wire.ShadowHeader+" is 1, or there is no such header")
	errNoShadow  = fault.New(fault.Denied, "shadow_disabled", "requests marked "+wire.ShadowHeader+" are refused: shadow.enabled is off on this service")
	errShared    = fault.New(fault.Denied, "shadow_refused",
		"a request marked "+wire.ShadowHeader+" may not do this: the catalogue is everybody's, and erasing and operating concern what is real")
	errNotReady = fault.New(fault.Unavailable, "not_ready", "pages cannot be served now")
)

var statuses = [...]int{
	fault.Internal:    500,
	fault.Invalid:     400,
	fault.Denied:      403,
	fault.NotFound:    404,
	fault.Conflict:    409,
	fault.Gone:        410,
	fault.Limited:     429,
	fault.Unavailable: 503,
	fault.Unproven:    401,
}

// exact are the failures whose status says more than their kind.
var exact = map[string]int{
	errTooLarge.Code():        413,
	observing.ErrBatch.Code(): 413, // and publishing.ErrBatch, which has the same code
	errMethod.Code():          405,
	errMoved.Code():           308,
}

// statusOf is the one map from failures to HTTP.
func statusOf(e *fault.Error) int {
	if s, ok := exact[e.Code()]; ok {
		return s
	}
	if int(e.Kind()) < len(statuses) {
		return statuses[e.Kind()]
	}
	return 500
}

// retryAfter is how many seconds a client should wait with a request that may pass later.
const retryAfter = "1"

// writeError writes the one error body. Of our own bugs it tells nothing.
func writeError(w *jsonText, e *fault.Error, requestID string) {
	code, message, field := e.Code(), e.Message(), e.Field()
	if e.Kind() == fault.Internal {
		code, message, field = "internal", "something went wrong on our side", ""
	}
	w.open('{')
	w.text("error", code)
	w.text("message", message)
	w.given("field", field)
	w.text("request_id", requestID)
	w.truth("retryable", e.Retryable())
	w.close('}')
}
