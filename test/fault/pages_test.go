package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// item is one of a page as clients read it.
type item struct {
	ID     string   `json:"id"`
	Author string   `json:"author"`
	Title  string   `json:"title"`
	Tags   []string `json:"tags"`
}

// given is one page as one instance answered it.
type given struct {
	Session string `json:"session"`
	Page    int    `json:"page"`
	Items   []item `json:"items"`
	Cursor  string `json:"cursor"`
	Rung    string `json:"rung"`
	answer
}

// lasting is the page's list without the items that may be withdrawn: those are left out of a page asked for again.
func (g *given) lasting() string { return lasting(g.Items) }

func lasting(items []item) string {
	var ids []string
	for _, it := range items {
		if strings.HasPrefix(it.ID, "s") {
			ids = append(ids, it.ID)
		}
	}
	return strings.Join(ids, " ")
}

// place is one page of a session: what was asked and all that was answered.
type place struct {
	cursor string
	got    []given
	took   int // the answer whose cursor the client went on with
}

// visit is one session of a client.
type visit struct {
	viewer, feed string
	places       []*place
}

// page asks once. What a ready instance answers is a page, whatever else is down.
func (f *fleet) page(ctx context.Context, n *node, feed string, query ...string) (given, bool) {
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	began := time.Now()
	g := given{answer: f.ask(ctx, n, http.MethodGet, "/v1/feeds/"+feed+"?"+q.Encode(), nil)}
	switch {
	case g.err == nil && g.status == http.StatusOK:
		if err := json.Unmarshal(g.body, &g); err != nil {
			f.complain("a page of %s: %v: %s", n.name, err, g.body)
			return g, false
		}
		f.seen.page(g.Rung)
		f.seen.took(g.at.Sub(began))
		g.body = nil
		return g, true
	case ctx.Err() == nil && (g.steady || g.err == nil):
		f.complain("a page of %s, which runs: %d %s %v", n.name, g.status, g.body, g.err)
	}
	return g, false
}

// look goes through feeds page by page until it is told to stop.
func (f *fleet) look(client int, rnd *rand.Rand, to *visits, stop <-chan struct{}) {
	for !closed(stop) {
		v := &visit{viewer: fmt.Sprintf("v%d", client), feed: []string{"for-you", "latest", "trending"}[rnd.IntN(3)]}
		for range 12 {
			p := &place{}
			if n := len(v.places); n > 0 {
				last := v.places[n-1]
				p.cursor = last.got[last.took].Cursor
			}
			if n := len(v.places); n > 0 && p.cursor == "" || closed(stop) || !f.turn(rnd, v, p, stop) {
				break
			}
			v.places = append(v.places, p)
			if rnd.IntN(4) == 0 { // an old bookmark
				f.askAgain(f.any(rnd), v, v.places[rnd.IntN(len(v.places))])
			}
			time.Sleep(time.Duration(rnd.IntN(60)) * time.Millisecond)
		}
		to.add(v)
	}
}

// turn asks for a page, several times at once, until it is there.
func (f *fleet) turn(rnd *rand.Rand, v *visit, p *place, stop <-chan struct{}) bool {
	if p.cursor == "" { // each request without a cursor begins a session
		for !closed(stop) {
			if g, ok := f.page(context.Background(), f.any(rnd), v.feed, "viewer", v.viewer, "limit", "10"); ok {
				p.got = []given{g}
				return true
			}
			time.Sleep(20 * time.Millisecond)
		}
		return false
	}
	f.seen.asked.Add(1)
	if rnd.IntN(5) == 0 { // the answer to this one is lost on its way
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rnd.IntN(6))*time.Millisecond)
		f.page(ctx, f.any(rnd), v.feed, "viewer", v.viewer, "limit", "10", "cursor", p.cursor)
		cancel()
		f.seen.lost.Add(1)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var all sync.WaitGroup
		for range 1 + rnd.IntN(3) {
			n := f.any(rnd)
			all.Go(func() { f.askAgain(n, v, p) })
		}
		all.Wait()
		if len(p.got) > 0 {
			p.took = rnd.IntN(len(p.got))
			return true
		}
	}
	f.complain("no page for a minute")
	return false
}

var asking sync.Mutex

// askAgain asks for the page of a cursor and keeps what is answered.
func (f *fleet) askAgain(n *node, v *visit, p *place) {
	if p.cursor == "" {
		return
	}
	if g, ok := f.page(context.Background(), n, v.feed, "viewer", v.viewer, "limit", "10", "cursor", p.cursor); ok {
		asking.Lock()
		defer asking.Unlock()
		p.got = append(p.got, g)
	}
}

// catalogue is every item that an instance shows.
func (f *fleet) catalogue(n *node, viewer string) (items []item) {
	for cursor := ""; ; {
		g, ok := f.page(context.Background(), n, "latest", "viewer", viewer, "limit", "100", "cursor", cursor)
		items = append(items, g.Items...)
		if cursor = g.Cursor; !ok || cursor == "" {
			return items
		}
	}
}
