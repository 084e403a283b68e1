package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// visits are all sessions of a run.
type visits struct {
	mu  sync.Mutex
	all []*visit
}

func (vs *visits) add(v *visit) {
	if len(v.places) == 0 {
		return
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.all = append(vs.all, v)
}

// nothingRepeats checks each session: along its chain of cursors, and over all pages where each cursor had one answer.
func (f *fleet) nothingRepeats(vs *visits) {
	for _, v := range vs.all {
		met := map[string]int{}
		for i, p := range v.places {
			for _, it := range p.got[p.took].Items {
				if before, again := met[it.ID]; again {
					f.complain("session %s of %s: page %d repeats %s of page %d (rungs %s)", p.got[0].Session, v.feed, i+1, it.ID, before, rungs(v))
				}
				met[it.ID] = i + 1
			}
		}
	}
}

func rungs(v *visit) string {
	var all []string
	for _, p := range v.places {
		for _, g := range p.got {
			all = append(all, fmt.Sprintf("%d:%s@%s%d,%s", g.Page, g.Rung, g.node.name, g.life, g.at.Format("05.000")))
		}
	}
	return strings.Join(all, " ")
}

// oneAnswer checks that a cursor is a bookmark: full pages of one cursor are one page, and so are all where no rung was below full.
func (f *fleet) oneAnswer(vs *visits) {
	for _, v := range vs.all {
		for i, p := range v.places {
			full, lists := "", map[string]bool{}
			for k := range p.got {
				g := &p.got[k]
				list := g.lasting()
				lists[list] = true
				if g.Rung != "full" || f.forgotten(g.at) || f.evicted(g.at) {
					continue
				}
				if full == "" {
					full = "." + list
				} else if full != "."+list {
					f.complain("session %s of %s: page %d was answered in full as\n%s\nand at %s by %s, %d items, as\n%s\n(rungs %s)",
						g.Session, v.feed, i+1, full[1:], clock(g.at), g.node.name, len(g.Items), list, rungs(v))
				}
			}
			if len(lists) > 1 {
				f.seen.forks.Add(1)
			}
		}
	}
}

// askAllAgain asks for every page of every session once more, of either instance. Only what died with its process is lost.
func (f *fleet) askAllAgain(rnd *rand.Rand, vs *visits) {
	type one struct {
		v *visit
		p *place
		n *node
	}
	work := make(chan one)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for o := range work {
				before := len(o.p.got)
				f.askAgain(o.n, o.v, o.p)
				asking.Lock()
				if n := len(o.p.got); n > before && f.full(&place{got: o.p.got[:before]}) && !received(&place{got: o.p.got[:before]}, o.p.got[n-1].lasting()) {
					f.complain("a page of a session of %s is lost: %s\n(rungs %s)", o.v.feed, answersOf(o.p), rungs(o.v))
				}
				asking.Unlock()
			}
		})
	}
	for _, v := range vs.all {
		for _, p := range slices.Clone(v.places) {
			work <- one{v, p, f.any(rnd)}
		}
	}
	close(work)
	all.Wait()
}
