package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

func split(b []byte) [][]byte { return bytes.Split(b, []byte("\n")) }

func closed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// grace is within what time a process that lives, with the database there, archives what it served while Redis was away.
const grace = 5 * time.Second

// nothingServedIsMissing checks that every page that a client received is in the archive, as it was received.
//
// Two exceptions are what rungs below full say: a page that no store took waits in its process, and may die with it; and while Redis is
// away two processes may answer one cursor with two pages, of which the archive keeps one.
func (f *fleet) nothingServedIsMissing(vs *visits) {
	missing := map[*place]string{}
	f.eventually(60*time.Second, "every page that a client received is archived", func() string {
		clear(missing)
		first := ""
		for _, v := range vs.all {
			archived := f.archived(v)
			for i, p := range v.places {
				list, there := archived[i+1]
				if there && (received(p, list) || !f.full(p)) || f.mayBeGone(p) { // and then the cursor may have had another page since
					continue
				}
				missing[p] = fmt.Sprintf("page %d of session %s of %s is there: %v (%q); received: %s", i+1, p.got[0].Session, v.feed, there, list, answersOf(p))
				first = missing[p]
			}
		}
		return first
	})
	for _, what := range missing {
		f.complain("%s", what)
	}
	for _, v := range vs.all {
		archived := f.archived(v)
		for i := range v.places {
			switch list, there := archived[i+1]; {
			case !there:
				f.seen.absent.Add(1)
			case !received(v.places[i], list):
				f.seen.parted.Add(1)
			}
		}
	}
}

func answersOf(p *place) (all string) {
	for i := range p.got {
		g := &p.got[i]
		all += fmt.Sprintf("\n  %s of %s%d at %s, its end %s: %s", g.Rung, g.node.name, g.life, clock(g.at), clock(g.node.end(g.life)), g.lasting())
	}
	return all
}

func clock(t time.Time) string { return t.Format("15:04:05.000") }

// archived is the session as an instance tells it, page by page.
func (f *fleet) archived(v *visit) map[int]string {
	pages := map[int]string{}
	a := f.ask(f.t.Context(), f.nodes[len(v.places)%len(f.nodes)], http.MethodGet, "/v1/sessions/"+v.places[0].got[0].Session, nil)
	if a.err == nil && a.status == http.StatusNotFound {
		return pages
	}
	f.must(a, "a session")
	var told struct {
		Pages []struct {
			Page  int
			Items []item
		}
	}
	if err := json.Unmarshal(a.body, &told); err != nil {
		f.complain("a session: %v: %s", err, a.body)
	}
	for _, p := range told.Pages {
		pages[p.Page] = lasting(p.Items)
	}
	return pages
}

// received reports that a client received the page so. Where a cursor had two answers, one below full, either will do.
func received(p *place, list string) bool {
	return slices.ContainsFunc(p.got, func(g given) bool { return g.lasting() == list })
}

// full reports that a page was answered in full, by what did not forget it.
func (f *fleet) full(p *place) bool {
	return slices.ContainsFunc(p.got, func(g given) bool { return g.Rung == "full" && !f.forgotten(g.at) && !f.evicted(g.at) })
}

// mayBeGone reports that nobody had to keep the page: no answer was full, or Redis forgot it with its end, and none of the other
// processes lived on for long enough with the database there.
func (f *fleet) mayBeGone(p *place) bool {
	return !slices.ContainsFunc(p.got, func(g given) bool {
		if f.forgotten(g.at) {
			return false
		}
		end := g.node.end(g.life)
		if end.IsZero() {
			end = time.Now()
		}
		return g.Rung == "full" || f.reachable(g.at, end, grace)
	})
}

// putOff is for how long Redis may put off writing.
const putOff = 3 * time.Second

// forgotten reports that Redis was killed so soon after that time that it may have lost what it was told.
func (f *fleet) forgotten(at time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.forgetful && slices.ContainsFunc(f.redisDown, func(s span) bool { return s.from.After(at) && s.from.Before(at.Add(putOff)) })
}
