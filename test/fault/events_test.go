package fault

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The acts of an event on an item and of one on an author; the numbers are those of the log.
var (
	itemActs = []string{"seen", "open", "play_start", "play_progress", "play_complete", "skip", "like", "unlike", "favorite", "unfavorite",
		"comment", "share", "more_like_this", "not_interested", "report"}
	authorActs = []string{"follow_author", "unfollow_author", "profile_click", "mute_author", "unmute_author", "block_author"}
)

// event is one as it is sent.
type event struct {
	ID       string `json:"event_id"`
	Type     string `json:"type"`
	Viewer   string `json:"viewer"`
	Item     string `json:"item,omitempty"`
	Author   string `json:"author,omitempty"`
	At       string `json:"at"`
	Session  string `json:"session,omitempty"`
	Watch    int    `json:"watch_ms,omitempty"`
	Duration int    `json:"duration_ms,omitempty"`
}

// sent is all events that were sent: those acknowledged, and those that their client gave up.
type sent struct {
	mu         sync.Mutex
	acked, not map[string]event
}

func (s *sent) keep(batch []event, acked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.not
	if acked {
		to = s.acked
	}
	for _, e := range batch {
		to[e.ID] = e
	}
}

const eventViewers = 16

// report sends events until it is told to stop, each until it is acknowledged, but for one batch in twenty.
func (f *fleet) report(client int, rnd *rand.Rand, to *sent, stop <-chan struct{}) {
	for n := 0; !closed(stop); n++ {
		batch := make([]event, 1+rnd.IntN(20)*rnd.IntN(2))
		for i := range batch {
			batch[i] = newEvent(rnd, fmt.Sprintf("e%d-%d-%d", client, n, i))
		}
		if rnd.IntN(20) == 0 {
			to.keep(batch, false)
			f.ask(f.t.Context(), f.any(rnd), http.MethodPost, "/v1/events", batch)
			continue
		}
		a, _ := f.insist(rnd, http.MethodPost, "/v1/events", batch)
		if !a.ok() {
			f.complain("events: %d %s", a.status, a.body)
			continue
		}
		var told struct {
			Results []struct {
				ID     string `json:"event_id"`
				Status string
			}
		}
		if err := json.Unmarshal(a.body, &told); err != nil || len(told.Results) != len(batch) {
			f.complain("events: %s %v", a.body, err)
			continue
		}
		for i, r := range told.Results {
			if r.ID != batch[i].ID || r.Status != "accepted" && r.Status != "duplicate" {
				f.complain("event %s: %+v", batch[i].ID, r)
			}
		}
		to.keep(batch, true)
		f.seen.events.Add(int64(len(batch)))
		if rnd.IntN(10) == 0 { // once more, though it was answered
			f.ask(f.t.Context(), f.any(rnd), http.MethodPost, "/v1/events", batch)
		}
		time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
	}
}

func newEvent(rnd *rand.Rand, id string) event {
	e := event{ID: id, Viewer: fmt.Sprintf("v%d", rnd.IntN(eventViewers)), At: time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	if rnd.IntN(8) == 0 {
		e.Type, e.Author = authorActs[rnd.IntN(len(authorActs))], fmt.Sprintf("a%d", rnd.IntN(authors))
		return e
	}
	e.Type, e.Item = itemActs[rnd.IntN(len(itemActs))], fmt.Sprintf("s%d", rnd.IntN(60))
	switch rnd.IntN(10) {
	case 0:
		e.Item = fmt.Sprintf("never%d", rnd.IntN(20)) // no such item
	case 1, 2, 3:
		e.Session = fmt.Sprintf("visit%d", rnd.IntN(9))
	}
	if e.Type == "play_progress" {
		e.Watch, e.Duration = rnd.IntN(10_000), 10_000
	}
	return e
}

// logged reads the log as it lies in the database: by event id, in order, with how often each is there.
func (f *fleet) logged() (order []event, times map[string]int) {
	rows, err := f.db.Query("SELECT event_id, act, viewer, item, author, at, session, watched_ms, duration_ms FROM events ORDER BY pos")
	if err != nil {
		f.complain("the log: %v", err)
		return nil, nil
	}
	defer func() { _ = rows.Close() }()
	times = map[string]int{}
	for rows.Next() {
		var e event
		var act, at int64
		if err := rows.Scan(&e.ID, &act, &e.Viewer, &e.Item, &e.Author, &at, &e.Session, &e.Watch, &e.Duration); err != nil {
			f.complain("the log: %v", err)
		}
		e.Type, e.At = acts[act], time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z")
		order, times[e.ID] = append(order, e), times[e.ID]+1
	}
	if err := rows.Err(); err != nil {
		f.complain("the log: %v", err)
	}
	return order, times
}

// acts are the names of acts by their number in the log.
var acts = []string{1: "seen", "open", "play_start", "play_progress", "play_complete", "skip", "like", "unlike", "favorite", "unfavorite", "comment",
	"share", "follow_author", "unfollow_author", "profile_click", "more_like_this", "not_interested", "mute_author", "unmute_author", "block_author", "report"}

// overtaken are the reports of a play after which another came: exports tell the last.
func overtaken(log []event) (ids []string) {
	type play struct{ viewer, item, session string }
	last := map[play]string{}
	for _, e := range log {
		if e.Type == "play_progress" {
			k := play{e.Viewer, e.Item, e.Session}
			if before, ok := last[k]; ok {
				ids = append(ids, before)
			}
			last[k] = e.ID
		}
	}
	return ids
}

// everyEventOnce checks the log, and what each viewer's export tells.
func (f *fleet) everyEventOnce(s *sent, order []event, times map[string]int) {
	held := map[string]event{}
	for _, e := range order {
		held[e.ID] = e
		_, known := s.acked[e.ID]
		if _, given := s.not[e.ID]; !known && !given {
			f.complain("event %s is in the log and nobody sent it", e.ID)
		}
	}
	for id, e := range s.acked {
		if times[id] != 1 {
			f.complain("acknowledged event %s is in the log %d times", id, times[id])
		} else if held[id] != e {
			f.complain("event %s was sent as %+v and is %+v", id, e, held[id])
		}
	}
	for id := range s.not {
		if times[id] > 1 {
			f.complain("event %s, given up by its client, is in the log %d times", id, times[id])
		}
	}
	for _, id := range overtaken(order) {
		delete(times, id)
	}
	told := map[string]int{}
	for i := range eventViewers {
		n := f.nodes[i%len(f.nodes)]
		for _, line := range f.lines(n, fmt.Sprintf("/v1/viewers/v%d/export", i)) {
			var r struct {
				Kind string
				ID   string `json:"event_id"`
			}
			if err := json.Unmarshal(line, &r); err != nil {
				f.complain("export: %v: %s", err, line)
			} else if r.Kind == "event" {
				told[r.ID]++
			}
		}
	}
	if !maps.Equal(told, times) {
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(times)), func(id string) bool { return told[id] == 1 })
		f.complain("exports tell %d events, the log %d; not told once: %v", len(told), len(times), missing)
	}
}
