package load

import (
	"errors"
	"fmt"
	"time"
)

// Report is what was measured.
type Report struct {
	Mode        Mode      `json:"mode"`
	Began       time.Time `json:"began"`
	Interrupted bool      `json:"interrupted"`
	Settings    Settings  `json:"settings"`
	Seconds     float64   `json:"seconds"` // measured, without the warm-up

	Requests  int64   `json:"requests"` // that were to begin in that time; those that were never sent too
	OK        int64   `json:"ok"`
	Failed    int64   `json:"failed"`
	PerSecond float64 `json:"per_second"` // answered well

	Renewed int64 `json:"renewed"` // HTTP requests sent again because the server had closed their connection; the warm-up's too

	Latency Latency          `json:"latency"` // of all kinds together, from the moment a request was to begin
	Kinds   []Kind           `json:"kinds"`
	Late    Latency          `json:"late"` // how long after it was to begin a request was sent
	Errors  map[string]int64 `json:"errors"`
	Rungs   map[string]int64 `json:"rungs"`
	Pages   Pages            `json:"pages"`
	Events  Events           `json:"events"`

	Promises  Promises `json:"promises"`  // the warm-up's too
	Processes []Used   `json:"processes"` // the generator is the last
	Idle      *Idle    `json:"idle,omitempty"`
	Timeline  []Second `json:"timeline"`
}

// Settings are the options as they are reported.
type Settings struct {
	To          []string `json:"to,omitempty"`
	RPC         []string `json:"rpc,omitempty"`
	Rate        float64  `json:"rate,omitempty"` // of an open loop
	Connections int      `json:"connections"`
	WarmUp      float64  `json:"warm_up"` // seconds
	Duration    float64  `json:"duration"`
	Timeout     float64  `json:"timeout"`
	Think       float64  `json:"think"`
	Feed        string   `json:"feed"`
	Tag         string   `json:"tag,omitempty"`
	Limit       int      `json:"limit"`
	Viewers     int      `json:"viewers"`
	Skew        float64  `json:"skew"`
	Hot         float64  `json:"hot_viewer"`
	Pages       float64  `json:"pages"`
	Reporting   float64  `json:"reporting"`
	Acting      float64  `json:"acting"`
	Real        bool     `json:"real"`
	Seed        uint64   `json:"seed"`
}

// Kind is one kind of request: http page, rpc events, …
type Kind struct {
	Name    string  `json:"name"`
	OK      int64   `json:"ok"`
	Latency Latency `json:"latency"` // from the moment it was to begin
	Service Latency `json:"service"` // from the moment it was sent
}

// Pages are the pages that were served.
type Pages struct {
	Served   int64 `json:"served"`
	Items    int64 `json:"items"`
	Empty    int64 `json:"empty"`
	Sessions int64 `json:"sessions"` // begun
}

// Events are what became of the events that were reported.
type Events struct {
	Accepted  int64            `json:"accepted"`
	Duplicate int64            `json:"duplicate"`
	Rejected  int64            `json:"rejected"`
	Errors    map[string]int64 `json:"errors,omitempty"` // why
}

// Promises are those that were broken.
type Promises struct {
	Repeats   int64    `json:"repeats"`   // items served twice in one session
	Malformed int64    `json:"malformed"` // answers that are not what they should be
	Examples  []string `json:"examples,omitempty"`
}

// Used is what a process used while measuring.
type Used struct {
	Name       string  `json:"name"`
	PID        int     `json:"pid"`
	User       float64 `json:"user"` // seconds
	System     float64 `json:"system"`
	Cores      float64 `json:"cores"`       // on average
	PerRequest float64 `json:"per_request"` // CPU microseconds
	RSS        int64   `json:"rss"`         // bytes at the end
	PeakRSS    int64   `json:"peak_rss"`    // of what was seen once a second
}

// Failure says what makes the run a failed one: a broken promise, or no request answered well.
func (r *Report) Failure() error {
	switch p := r.Promises; {
	case p.Repeats > 0 || p.Malformed > 0:
		return fmt.Errorf("promises were broken: %d items served twice in a session, %d malformed answers", p.Repeats, p.Malformed)
	case r.OK == 0:
		return errors.New("no request was answered well")
	}
	return nil
}
