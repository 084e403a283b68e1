package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	walkPages   = 50
	walkSize    = 20
	prefetches  = 8
	walkItems   = 1400
	walkAuthors = 60
)

// TestFiftyPages is P1, P2 and P5 under everything a client can do between two pages: eight concurrent
// prefetches of every cursor on two instances, likes, skips and tuning, one instance killed midway.
func TestFiftyPages(t *testing.T) {
	a, b, _ := fleet(t)
	a.publish(walkItems, walkAuthors, 30)
	eventually(t, 10*time.Second, "both serve", func() bool { return len(b.page("latest", "viewer", "probe").Items) == walkSize })
	walk(t, []*instance{a, b}, func(page int) {
		if page == walkPages/2 {
			a.Kill()
			a.Launch()
			a.AwaitReady()
		}
	})
}

// TestFiftyPagesEmbedded is the same on the embedded default, where a restart takes the session store away.
func TestFiftyPagesEmbedded(t *testing.T) {
	in := start(t, []string{"FRESHET_DATA_DIR=" + t.TempDir()})
	in.publish(walkItems, walkAuthors, 30)
	walk(t, []*instance{in}, func(page int) {
		if page == walkPages/2 {
			in.Restart()
		}
	})
}

func walk(t *testing.T, fleet []*instance, between func(page int)) {
	const viewer = "pager"
	rnd := rand.New(rand.NewPCG(1, 2))
	served, left := map[string]int{}, map[string]int{} // item → page; author → items left
	for i := range walkItems {
		left[fmt.Sprintf("a%d", i%walkAuthors)]++
	}
	cursors := []string{""}
	pages := [][]string{}
	last := ""
	for n := 1; n <= walkPages; n++ {
		between(n)
		p := prefetch(t, fleet, viewer, cursors[n-1], n)
		require.Equal(t, n, p.Page)
		require.Len(t, p.Items, walkSize, "page %d (relaxed %v, rung %s)", n, p.Relaxed, p.Rung)
		for i, it := range p.Items {
			at, again := served[it.ID]
			require.False(t, again, "page %d repeats %s of page %d", n, it.ID, at)
			served[it.ID] = n
			if it.Author == last {
				others := 0
				for author, k := range left {
					if author != it.Author {
						others += k
					}
				}
				require.Zero(t, others, "page %d place %d: two neighbours by %s while others were to be had", n, i, last)
			}
			last = it.Author
			left[it.Author]--
		}
		pages = append(pages, p.ids())
		cursors = append(cursors, p.Cursor)
		react(t, fleet[rnd.IntN(len(fleet))], viewer, p, rnd)
	}
	for n := 2; n <= walkPages; n++ { // a cursor is a bookmark: every one of them still answers its page
		p := fleet[n%len(fleet)].page("for-you", "viewer", viewer, "cursor", cursors[n-1])
		require.Equal(t, pages[n-1], p.ids(), "page %d asked again", n)
		require.Equal(t, cursors[n], p.Cursor, "and its cursor")
	}
}

// prefetch asks eight times at once and expects one page. The first page has no cursor: each request
// would begin a session of its own, so it is asked once.
func prefetch(t *testing.T, fleet []*instance, viewer, cursor string, n int) pageBody {
	if cursor == "" {
		return fleet[0].page("for-you", "viewer", viewer, "limit", fmt.Sprint(walkSize))
	}
	got := make([]pageBody, prefetches)
	errs := make([]error, prefetches)
	var wg sync.WaitGroup
	for i := range prefetches {
		wg.Go(func() {
			got[i], _, errs[i] = fleet[i%len(fleet)].tryPage("for-you", "viewer", viewer, "cursor", cursor, "limit", fmt.Sprint(walkSize))
		})
	}
	wg.Wait()
	for i := range got {
		require.NoError(t, errs[i], "page %d", n)
		require.Equal(t, got[0].ids(), got[i].ids(), "page %d: one cursor, two pages (rungs %s, %s)", n, got[0].Rung, got[i].Rung)
	}
	return got[0]
}

// react likes, skips and tunes at random.
func react(t *testing.T, in *instance, viewer string, p pageBody, rnd *rand.Rand) {
	var events []map[string]any
	for _, it := range p.Items {
		switch rnd.IntN(6) {
		case 0:
			events = append(events, event("like", viewer, it.ID))
		case 1:
			events = append(events, event("skip", viewer, it.ID))
		case 2:
			e := event("play_progress", viewer, it.ID)
			e["watch_ms"], e["duration_ms"], e["session"], e["context"] = 9000, 10000, p.Session, it.Context
			events = append(events, e)
		}
	}
	if len(events) > 0 {
		in.record(events...)
	}
	if rnd.IntN(4) == 0 {
		it := p.Items[rnd.IntN(len(p.Items))]
		direction := []string{"more", "less"}[rnd.IntN(2)]
		in.must(http.MethodPut, "/v1/viewers/"+viewer+"/tuning/tag/"+it.Tags[0], map[string]string{"direction": direction})
	}
}
