package load

import (
	"slices"
	"sync"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// longest is the longest time a histogram tells from longer ones.
const longest = time.Minute

// newHistogram counts microseconds, with an error of a thousandth.
func newHistogram() *hdr.Histogram { return hdr.New(1, longest.Microseconds(), 3) }

func record(h *hdr.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(d.Microseconds(), 1), longest.Microseconds())) // cannot be out of range
}

// kind is one kind of request.
type kind struct {
	way     way
	reports bool
}

func (k kind) String() string {
	if k.reports {
		return k.way.String() + " events"
	}
	return k.way.String() + " page"
}

// times are the latencies of requests that were answered well.
type times struct {
	response *hdr.Histogram // from the moment they were to begin
	service  *hdr.Histogram // from the moment they were sent
}

// tally is what happened so far. It is safe for concurrent use.
type tally struct {
	mu       sync.Mutex
	kinds    map[kind]*times
	late     *hdr.Histogram // how long after they were to begin requests were sent
	second   *hdr.Histogram // of the second under way
	seconds  counts         // likewise
	total    counts
	errors   map[string]int64
	rungs    map[string]int64
	pages    Pages
	events   Events
	promises Promises
}

type counts struct{ ok, failed int64 }

func newTally() *tally {
	return &tally{
		kinds: map[kind]*times{}, late: newHistogram(), second: newHistogram(),
		errors: map[string]int64{}, rungs: map[string]int64{},
		events: Events{Errors: map[string]int64{}},
	}
}

// answered counts a request that was answered well.
func (t *tally) answered(k kind, intended, sent, done time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of := t.kinds[k]
	if of == nil {
		of = &times{newHistogram(), newHistogram()}
		t.kinds[k] = of
	}
	record(of.response, done.Sub(intended))
	record(of.service, done.Sub(sent))
	record(t.late, sent.Sub(intended))
	record(t.second, done.Sub(intended))
	t.total.ok++
	t.seconds.ok++
}

// failed counts a request that was not.
func (t *tally) failed(class string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors[class]++
	t.total.failed++
	t.seconds.failed++
}

// served counts what a page held.
func (t *tally) served(p *page, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rungs[p.Rung]++
	t.pages.Served++
	t.pages.Items += int64(len(p.Items))
	if len(p.Items) == 0 {
		t.pages.Empty++
	}
	if first {
		t.pages.Sessions++
	}
}

// taken counts what became of events.
func (t *tally) taken(a *taken) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events.Accepted += a.Accepted
	t.events.Duplicate += a.Duplicate
	t.events.Rejected += a.Rejected
	for _, r := range a.Results {
		if r.Error != "" {
			t.events.Errors[r.Error]++
		}
	}
}

// mostExamples is how many broken promises are told one by one.
const mostExamples = 5

// broke counts what a page promised and did not hold.
func (t *tally) broke(malformed string, repeats int, s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	says := malformed
	if malformed != "" {
		t.promises.Malformed++
	} else if repeats > 0 {
		t.promises.Repeats += int64(repeats)
		says = "session " + s.id + " of " + s.viewer + " was served an item twice"
	}
	if says != "" && len(t.promises.Examples) < mostExamples && !slices.Contains(t.promises.Examples, says) {
		t.promises.Examples = append(t.promises.Examples, says)
	}
}

// turn ends the second under way and says what was in it.
func (t *tally) turn() Second {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Second{OK: t.seconds.ok, Failed: t.seconds.failed}
	if t.second.TotalCount() > 0 {
		s.P50, s.P99 = millis(t.second.ValueAtQuantile(50)), millis(t.second.ValueAtQuantile(99))
		s.Max = millis(t.second.Max())
	}
	t.second.Reset()
	t.seconds = counts{}
	return s
}

func millis(micros int64) float64 { return float64(micros) / 1000 }

// finished is how many requests were sent and have ended.
func (t *tally) finished() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total.ok + t.total.failed - t.errors[overflow]
}
