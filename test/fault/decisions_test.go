package fault

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// will is what one viewer decided, as far as it was acknowledged: by path below the viewer, the direction or "on".
type will struct {
	viewer string
	taken  map[string]string
	acked  map[string]time.Time // when the last one of each path was
}

func (w *will) base() string { return "/v1/viewers/" + w.viewer }

// Authors of stable items, by what is decided on them.
const (
	followed = 10 // a0 … a9
	muted    = 20 // a10 … a19
	blocked  = 25 // a20 … a24
)

// decide takes decisions of one viewer until it is told to stop, each until it is acknowledged; after each it looks at a page.
func (f *fleet) decide(client int, rnd *rand.Rand, w *will, stop <-chan struct{}) {
	w.viewer, w.taken, w.acked = fmt.Sprintf("d%d", client), map[string]string{}, map[string]time.Time{}
	for !closed(stop) {
		path, direction := choice(rnd)
		if w.taken[path] != "" && rnd.IntN(2) == 0 {
			a, doubt := f.insist(rnd, http.MethodDelete, w.base()+path, nil)
			if !doubt || a.status != http.StatusNotFound { // an earlier try may have done it
				f.must(a, "take back "+path)
			}
			delete(w.taken, path)
		} else {
			var body any
			if strings.HasPrefix(path, "/tuning") {
				body = map[string]string{"direction": direction}
			} else {
				direction = "on"
			}
			a, _ := f.insist(rnd, http.MethodPut, w.base()+path, body)
			f.must(a, "decide "+path)
			w.taken[path] = direction
		}
		w.acked[path] = time.Now()
		f.seen.decisions.Add(1)
		f.heeds(f.any(rnd), w)
		time.Sleep(time.Duration(rnd.IntN(40)) * time.Millisecond)
	}
}

func choice(rnd *rand.Rand) (path, direction string) {
	direction = []string{"more", "less"}[rnd.IntN(2)]
	switch rnd.IntN(6) {
	case 0:
		return fmt.Sprintf("/tuning/item/s%d", rnd.IntN(40)), direction
	case 1:
		return fmt.Sprintf("/tuning/author/a%d", blocked+rnd.IntN(authors-blocked)), direction
	case 2:
		return fmt.Sprintf("/tuning/tag/t%d", rnd.IntN(tags)), direction
	case 3:
		return fmt.Sprintf("/follows/a%d", rnd.IntN(followed)), ""
	case 4:
		return fmt.Sprintf("/mutes/a%d", followed+rnd.IntN(muted-followed)), ""
	}
	return fmt.Sprintf("/blocks/a%d", muted+rnd.IntN(blocked-muted)), ""
}

// heeds checks that a new page keeps to what was decided, unless it says that it may not know it.
func (f *fleet) heeds(n *node, w *will) {
	for _, feed := range []string{"latest", "following"} {
		g, ok := f.page(f.t.Context(), n, feed, "viewer", w.viewer, "limit", "60")
		if !ok || g.Rung == "popular" || g.Rung == "stale-viewer" {
			continue
		}
		f.seen.checked.Add(1)
		for _, it := range g.Items {
			why, path := "", ""
			switch mute, block, item, follow := "/mutes/"+it.Author, "/blocks/"+it.Author, "/tuning/item/"+it.ID, "/follows/"+it.Author; {
			case w.taken[mute] != "":
				why, path = "muted", mute
			case w.taken[block] != "":
				why, path = "blocked", block
			case w.taken[item] == "less":
				why, path = "steered away", item
			case feed == "following" && w.taken[follow] == "":
				why, path = "not followed", follow
			}
			if why != "" && f.unaware(w.acked[path]) {
				f.seen.stale.Add(1)
				break
			}
			if why != "" {
				f.complain("%s on %s at %s (%s) has %s by %s, which is %s", g.Rung, feed, n.name, w.viewer, it.ID, it.Author, why)
			}
		}
	}
}

// everyDecisionHolds checks what each instance tells of decisions, and its pages.
func (f *fleet) everyDecisionHolds(wills []*will) {
	for _, w := range wills {
		for _, n := range f.nodes {
			got := map[string]string{}
			for _, list := range []string{"tuning", "follows", "mutes", "blocks"} {
				var told struct {
					Tuning    []struct{ Kind, ID, Direction string }
					Relations []struct{ Author string }
				}
				a := f.ask(f.t.Context(), n, http.MethodGet, w.base()+"/"+list, nil)
				f.must(a, list)
				if err := json.Unmarshal(a.body, &told); err != nil {
					f.complain("%s: %v", list, err)
				}
				for _, d := range told.Tuning {
					got["/tuning/"+d.Kind+"/"+d.ID] = d.Direction
				}
				for _, r := range told.Relations {
					got["/"+list+"/"+r.Author] = "on"
				}
			}
			if !maps.Equal(got, w.taken) {
				f.complain("%s at %s: decided %v, kept %v", w.viewer, n.name, sorted(w.taken), sorted(got))
			}
			f.heeds(n, w)
		}
	}
}

func sorted(m map[string]string) (all []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, k+"="+m[k])
	}
	return all
}
