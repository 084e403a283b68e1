package fault

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

const (
	stable  = 300 // items that nobody changes: s0, s1, …
	authors = 30
	tags    = 12
)

// furnish publishes the items that stay, and waits until every instance has heard of them: what it does not know it leaves out of pages.
func (f *fleet) furnish(rnd *rand.Rand) {
	batch := make([]map[string]any, stable)
	for i := range batch {
		batch[i] = map[string]any{
			"id": fmt.Sprintf("s%d", i), "author": fmt.Sprintf("a%d", i%authors), "title": fmt.Sprintf("item %d", i),
			"tags": []string{fmt.Sprintf("t%d", i%tags)}, "published_at": time.Now().Add(-time.Duration(i) * time.Minute).UTC().Format(time.RFC3339),
		}
	}
	if a, _ := f.insist(rnd, http.MethodPost, "/v1/items:batch", batch); !a.ok() {
		f.t.Fatalf("items: %d %s", a.status, a.body)
	}
	for _, n := range f.nodes {
		f.eventually(10*time.Second, n.name+" knows the items", func() string {
			if got := f.metric(n, "freshet_index_live_items"); got != stable {
				return fmt.Sprint(got)
			}
			return ""
		})
	}
}

// state is an item that changes, as far as it was acknowledged.
type state struct {
	title          string
	exists, hidden bool
}

// shown is what changing items should be like on every instance: their titles, by id.
type shown struct {
	mu     sync.Mutex
	titles map[string]string
}

// publish changes items of its own until it is told to stop, each change until it is acknowledged.
func (f *fleet) publish(client int, rnd *rand.Rand, to *shown, stop <-chan struct{}) {
	items := map[string]*state{}
	for n := 0; !closed(stop); n++ {
		id := fmt.Sprintf("w%d-%d", client, rnd.IntN(25))
		if items[id] == nil {
			items[id] = &state{}
		}
		title := fmt.Sprintf("change %d", n)
		if rnd.IntN(6) == 0 {
			f.putBatch(client, rnd, items, title)
		} else {
			f.change(rnd, id, items[id], title)
		}
		f.seen.items.Add(1)
		time.Sleep(time.Duration(rnd.IntN(30)) * time.Millisecond)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	for id, s := range items {
		if s.exists && !s.hidden {
			to.titles[id] = s.title
		}
	}
}

func draft(id, title string) map[string]any {
	return map[string]any{"id": id, "title": title, "author": "writer-" + id, "tags": []string{"written"}}
}

func (f *fleet) change(rnd *rand.Rand, id string, s *state, title string) {
	path := "/v1/items/" + id
	if !s.exists || rnd.IntN(3) == 0 {
		a, _ := f.insist(rnd, http.MethodPut, path, draft(id, title))
		f.must(a, "put")
		if !s.exists {
			s.hidden = false
		}
		s.exists, s.title = true, title
		return
	}
	switch rnd.IntN(6) {
	case 0, 1:
		a, _ := f.insist(rnd, http.MethodPatch, path, map[string]any{"title": title})
		f.must(a, "patch")
		s.title = title
	case 2, 3:
		a, _ := f.insist(rnd, http.MethodPost, path+":hide", nil)
		f.must(a, "hide")
		s.hidden = true
	case 4:
		a, _ := f.insist(rnd, http.MethodPost, path+":restore", nil)
		f.must(a, "restore")
		s.hidden = false
	case 5:
		a, doubt := f.insist(rnd, http.MethodDelete, path, nil)
		if !doubt || a.status != http.StatusNotFound { // an earlier try may have removed it
			f.must(a, "remove")
		}
		s.exists, s.hidden = false, false
	}
}

func (f *fleet) putBatch(client int, rnd *rand.Rand, items map[string]*state, title string) {
	var batch []map[string]any
	for _, n := range rnd.Perm(25)[:6] {
		id := fmt.Sprintf("w%d-%d", client, n)
		if items[id] == nil {
			items[id] = &state{}
		}
		s := items[id]
		s.exists, s.title = true, title
		batch = append(batch, draft(id, title))
	}
	a, _ := f.insist(rnd, http.MethodPost, "/v1/items:batch", batch)
	f.must(a, "put a batch")
}

func (f *fleet) must(a answer, what string) {
	if !a.ok() {
		f.complain("%s: %d %s %v", what, a.status, a.body, a.err)
	}
}

// everyItemEverywhere checks the index of each instance, as its pages show it.
func (f *fleet) everyItemEverywhere(want map[string]string) {
	for _, n := range f.nodes {
		f.eventually(45*time.Second, "every change of items shows at "+n.name, func() string {
			live := map[string]string{}
			for _, it := range f.catalogue(n, "probe-"+n.name) {
				live[it.ID] = it.Title
			}
			for id, title := range want {
				if live[id] != title {
					return fmt.Sprintf("%s is %q and not %q", id, live[id], title)
				}
			}
			if len(live) != len(want)+stable {
				return fmt.Sprintf("%d items are shown, of %d", len(live), len(want)+stable)
			}
			return ""
		})
		f.eventually(10*time.Second, "the metric says so", func() string {
			if got := f.metric(n, "freshet_index_live_items"); int(got) != len(want)+stable {
				return fmt.Sprintf("freshet_index_live_items %v, not %d, at %s", got, len(want)+stable, n.name)
			}
			return ""
		})
	}
}
