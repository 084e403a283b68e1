package load

import "context"

// door is one way to ask one instance. Its methods may be called at the same time.
type door interface {
	// over is http or rpc.
	over() way
	// page asks for the session's next page. A *failure says why there is none.
	page(ctx context.Context, s *session, p *page) error
	// report tells what the session's viewer did. A *failure says why it was not taken.
	report(ctx context.Context, s *session, acts []act, t *taken) error
	// renewed is how many requests were sent again because their connection had been closed meanwhile.
	renewed() int64
	// close ends the connections that are not in use.
	close()
}

type way int

const (
	overHTTP way = iota
	overRPC
)

func (p way) String() string { return [...]string{"http", "rpc"}[p] }

// taken is what became of a batch of events.
type taken struct {
	Accepted  int64    `json:"accepted"`
	Duplicate int64    `json:"duplicate"`
	Rejected  int64    `json:"rejected"`
	Results   []result `json:"results"`
}

type result struct {
	Error string `json:"error"`
}

// failure is why a request did not succeed.
type failure struct {
	class     string // http 503 not_ready, rpc 410 cursor_expired, connect, timeout …
	malformed bool   // it was answered, and not as promised
}

func (f *failure) Error() string { return f.class }

// The classes that are not a server's own words.
const (
	noConnection = "connect"
	noAnswer     = "timeout"
	cutShort     = "connection lost"
	overflow     = "overflow" // never sent: too many were under way
	broken       = "malformed"
)
