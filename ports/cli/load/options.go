package load

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"time"
)

// Mode is who decides when a request is made.
type Mode string

// The modes.
const (
	Open   Mode = "open"   // a clock: arrivals are equally far apart, whatever becomes of them
	Closed Mode = "closed" // the callers: each asks again once it was answered
)

// Options say what load to make. Defaults gives those that need no thought.
type Options struct {
	Mode Mode

	To       []string // addresses of public planes, such as http://127.0.0.1:8080; requests are spread evenly
	RPC      []string // host:port of Kitex, likewise
	RPCShare float64  // of the requests, when there are both

	Rate        float64 // requests a second of an open loop
	Connections int     // callers of a closed loop; in an open one how many requests may be under way at a time
	WarmUp      time.Duration
	Duration    time.Duration // after the warm-up
	Timeout     time.Duration // of one request
	Think       time.Duration // between a page and what its viewer does next, on average

	Feed  string
	Tag   string // only items with it; empty: all
	Limit int    // items to a page

	Viewers   int
	Skew      float64 // exponent of the viewers' Zipf distribution; 0: all alike
	Hot       float64 // share of the sessions that one viewer more has, by itself
	Pages     float64 // of a session, on average
	Reporting float64 // share of the pages after which events are reported
	Acting    float64 // share of the items met that something is done with beyond seeing them

	Idle int    // connections held open beside, without load
	Real bool   // not marked as shadow traffic
	Key  string // that the traffic proves itself with; empty: none
	Seed uint64 // of who asks for what; not of answers and times

	Processes []Process // whose CPU and memory are measured beside the generator's own
}

// Defaults are the options that are used when nothing else is asked for.
func Defaults(m Mode) Options {
	o := Options{
		Mode: m, RPCShare: 0.5, Rate: 200, Connections: 64, WarmUp: 3 * time.Second, Duration: 12 * time.Second, Timeout: 5 * time.Second,
		Feed: "for-you", Limit: 20, Viewers: 10_000, Skew: 1, Pages: 4, Reporting: 1, Acting: 0.2, Seed: 1,
	}
	if m == Open {
		o.Connections, o.Think = 512, time.Second
	}
	return o
}

// spareFiles is what is open beside connections.
const spareFiles = 32

// Check refuses what makes no sense, by the name of its flag.
func (o *Options) Check() error {
	share := func(x float64) bool { return x >= 0 && x <= 1 }
	for _, c := range []struct {
		ok   bool
		says string
	}{
		{o.Mode == Open || o.Mode == Closed, "--mode is open or closed"},
		{len(o.To)+len(o.RPC) > 0, "--to or --rpc says where to ask"},
		{share(o.RPCShare), "--rpc-share lies between 0 and 1"},
		{o.Mode != Open || o.Rate > 0 && o.Rate <= 1e6, "--rate lies above 0 and at most at 1000000 a second"},
		{o.Connections >= 1 && o.Connections <= 100_000, "--connections lies between 1 and 100000"},
		{o.WarmUp >= 0, "--warm-up is not negative"},
		{o.Duration > 0, "--duration is longer than nothing"},
		{o.Timeout >= time.Millisecond && o.Timeout <= longest, "--timeout lies between 1ms and 1m"},
		{o.Think >= 0 && o.Think <= time.Hour, "--think lies between 0 and 1h"},
		{o.Feed != "", "--feed names a feed"},
		{o.Limit >= 1 && o.Limit <= 100, "--limit lies between 1 and 100"},
		{o.Viewers >= 1, "--viewers is at least 1"},
		{o.Skew >= 0 && o.Skew <= 10, "--skew lies between 0 and 10"},
		{share(o.Hot), "--hot-viewer lies between 0 and 1"},
		{o.Pages >= 1 && !math.IsInf(o.Pages, 0), "--pages is at least 1"},
		{share(o.Reporting), "--reporting lies between 0 and 1"},
		{share(o.Acting), "--acting lies between 0 and 1"},
		{o.Idle >= 0 && o.Idle <= 1_000_000, "--idle lies between 0 and 1000000"},
		{o.Idle == 0 || len(o.To) > 0, "--idle connects to --to"},
	} {
		if !c.ok {
			return errors.New(c.says)
		}
	}
	if most := mostFiles(); most > 0 && o.Idle+o.Connections+spareFiles > most {
		return fmt.Errorf("--idle and --connections need %d files, and this process may open %d: see ulimit -n", o.Idle+o.Connections+spareFiles, most)
	}
	for _, to := range o.To {
		u, err := url.Parse(to)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("--to: %q is not the address of a server, such as http://127.0.0.1:8080", to)
		}
	}
	for _, at := range o.RPC {
		if _, _, err := net.SplitHostPort(at); err != nil {
			return fmt.Errorf("--rpc: %q is not host:port", at)
		}
	}
	return nil
}
