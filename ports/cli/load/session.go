package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// session is one viewer going from page to page. It is used by one goroutine at a time.
type session struct {
	viewer string
	rng    *rand.Rand
	left   int // pages that the viewer still wants

	id     string // as served; empty before the first page
	cursor string
	number int64 // of the last page
	shown  []shown
	met    map[string]struct{}
	events uint64 // reported so far

	reports bool // what comes next is a report of events, not a page
	over    bool
	due     time.Time
}

// shown is one item of a page.
type shown struct {
	ID       string `json:"id"`
	Context  string `json:"context"`
	Position int64  `json:"position"`
}

// page is what is read of a page.
type page struct {
	Session string  `json:"session"`
	Number  int64   `json:"page"`
	Items   []shown `json:"items"`
	Cursor  string  `json:"cursor"`
	Rung    string  `json:"rung"`
}

func (p *page) reset() {
	clear(p.Items)
	*p = page{Items: p.Items[:0]}
}

// audience is all who may come.
type audience struct {
	o    *Options
	zipf zipf
	run  string // what no other run has: begins the ids of its events
}

func newAudience(o *Options, now time.Time) *audience {
	return &audience{o: o, zipf: newZipf(o.Viewers, o.Skew), run: "load-" + strconv.FormatInt(now.UnixNano(), 36)}
}

// arrive is the n-th session, the same for the same seed.
func (a *audience) arrive(n uint64) *session {
	rng := rand.New(rand.NewPCG(a.o.Seed, n))
	s := &session{rng: rng, left: 1, viewer: "load-hot", met: make(map[string]struct{}, a.o.Limit*4)}
	if rng.Float64() >= a.o.Hot {
		s.viewer = "load-" + strconv.Itoa(a.zipf.draw(rng))
	}
	if stay := 1 - 1/a.o.Pages; stay > 0 {
		s.left += int(math.Log(1-rng.Float64()) / math.Log(stay)) // geometric
	}
	return s
}

// take goes on to the page served. It says which promises the page breaks: whether it can be used at all, and how
// many of its items the session had met.
func (s *session) take(p *page, limit int) (malformed string, repeats int) {
	switch {
	case p.Session == "" || p.Rung == "":
		malformed = "a page without session or rung"
	case s.id != "" && p.Session != s.id:
		malformed = fmt.Sprintf("page %d of session %s belongs to session %s", s.number+1, s.id, p.Session)
	case p.Number != s.number+1:
		malformed = fmt.Sprintf("page %d of session %s calls itself page %d", s.number+1, p.Session, p.Number)
	case len(p.Items) > limit:
		malformed = fmt.Sprintf("page %d of session %s has %d items", p.Number, p.Session, len(p.Items))
	}
	for i := range p.Items {
		if it := &p.Items[i]; it.ID == "" || it.Context == "" {
			malformed = fmt.Sprintf("page %d of session %s has an item without id or context", p.Number, p.Session)
		}
	}
	if malformed != "" {
		return malformed, 0
	}
	for i := range p.Items {
		if _, again := s.met[p.Items[i].ID]; again {
			repeats++
		}
		s.met[p.Items[i].ID] = struct{}{}
	}
	s.id, s.cursor, s.number, s.shown = p.Session, p.Cursor, p.Number, append(s.shown[:0], p.Items...)
	s.left--
	return "", repeats
}

// ended reports that the viewer wants no page more, or there is none.
func (s *session) ended() bool { return s.left <= 0 || s.cursor == "" }

// think is how long the viewer takes to do what comes next: at random, so that nobody keeps step.
func (s *session) think(mean time.Duration) time.Duration {
	return time.Duration(min(s.rng.ExpFloat64(), 8) * float64(mean))
}
