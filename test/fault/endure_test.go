package fault

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// endure has clients work while the disturber does what it does, and then compares what they were told with what is there.
func (f *fleet) endure(rnd *rand.Rand, disturb func(*rand.Rand)) {
	t := f.t
	own := func() *rand.Rand { return rand.New(rand.NewPCG(rnd.Uint64(), rnd.Uint64())) }
	f.furnish(own())
	var (
		events = &sent{acked: map[string]event{}, not: map[string]event{}}
		items  = &shown{titles: map[string]string{}}
		seen   = &visits{}
		wills  []*will
		load   sync.WaitGroup
		stop   = make(chan struct{})
	)
	for i := range 3 {
		r, w := own(), &will{}
		wills = append(wills, w)
		load.Go(func() { f.decide(i, r, w, stop) })
	}
	for i := range 3 {
		r := own()
		load.Go(func() { f.report(i, r, events, stop) })
	}
	for i := range 2 {
		r := own()
		load.Go(func() { f.publish(i, r, items, stop) })
	}
	for i := range 5 {
		r := own()
		load.Go(func() { f.look(i, r, seen, stop) })
	}
	began := time.Now()
	time.Sleep(time.Second)
	disturb(own())
	time.Sleep(time.Second)
	close(stop)
	load.Wait()
	t.Logf("after %v under load: %s", time.Since(began).Round(time.Second), &f.seen)

	f.atRest()
	order, times := f.logged()
	f.everyEventOnce(events, order, times)
	f.everyCountEqualsTheLog(order)
	f.everyItemEverywhere(items.titles)
	f.everyDecisionHolds(wills)
	f.nothingServedIsMissing(seen)
	f.askAllAgain(own(), seen)
	f.nothingRepeats(seen)
	f.oneAnswer(seen)
	t.Logf("after %v: %s", time.Since(began).Round(time.Second), &f.seen)
	for _, n := range []int64{f.seen.events.Load(), f.seen.items.Load(), f.seen.decisions.Load(), f.seen.checked.Load(), f.seen.asked.Load()} {
		require.Positive(t, n, "all of it happened")
	}
}

// atRest waits until nothing is under way: pages are full again and every change of an item was told.
func (f *fleet) atRest() {
	for _, n := range f.nodes {
		f.eventually(30*time.Second, "pages of "+n.name+" are full again", func() string {
			g, ok := f.page(f.t.Context(), n, "latest", "viewer", "somebody-"+n.name)
			if !ok || g.Rung != "full" {
				return g.Rung
			}
			return ""
		})
	}
	f.eventually(60*time.Second, "every change of an item was told", func() string {
		var waiting, given, viewers int
		err := f.db.QueryRow("SELECT (SELECT COUNT(*) FROM outbox), (SELECT COUNT(*) FROM dead_letters), (SELECT COUNT(*) FROM repairs)").
			Scan(&waiting, &given, &viewers)
		if err != nil || waiting+given+viewers > 0 {
			return strconv.Itoa(waiting) + " wait, " + strconv.Itoa(given) + " were given up, " + strconv.Itoa(viewers) + " viewers to be repaired"
		}
		return ""
	})
}
