package catalogtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// Outbox runs the contract of catalog.Outbox; open gives an empty repository and two handles on its
// outbox, such as two instances of the fleet have.
func Outbox(t *testing.T, open func(t *testing.T) (items catalog.ItemRepository, a, b catalog.Outbox)) {
	for name, clause := range map[string]func(*testing.T, catalog.ItemRepository, catalog.Outbox, catalog.Outbox){
		"every fact is handed over as it was, oldest first": oldestFirst,
		"a failed change leaves nothing to hand over":       failedChangeLeavesNoFact,
		"no more than the limit is handed over at a time":   limitedRelay,
		"what was not delivered is delivered again":         deliveredAgain,
		"only one relays at a time":                         oneRelay,
		"one who relayed leaves the way to the next":        nextRelay,
		"items change while facts are delivered":            changesDuringDelivery,
		"nothing is lost while writers write":               nothingLost,
	} {
		t.Run(name, func(t *testing.T) {
			items, a, b := open(t)
			clause(t, items, a, b)
		})
	}
}

func oldestFirst(t *testing.T, items catalog.ItemRepository, a, _ catalog.Outbox) {
	publish(t, items, "x", full(), noon)
	publish(t, items, "y", catalog.Details{}, noon)
	update(t, items, "x", func(f *catalog.FeedItem) error {
		if err := f.Hide(noon); err != nil {
			return err
		}
		return f.Restore(noon.Add(time.Second))
	})
	pending(t, a, 4)
	got := relay(t, a, "a", 10)
	if len(got) != 4 {
		t.Fatalf("%d facts", len(got))
	}
	x := got[0]
	same(t, x, catalog.Snapshot{ID: "x", Number: x.Number, Details: full(), State: catalog.Published, Version: 1, ChangedAt: noon})
	if got[1].ID != "y" || got[2].State != catalog.Hidden || got[2].Version != 2 || got[3].State != catalog.Published || got[3].Version != 3 {
		t.Fatalf("got %+v", got[1:])
	}
	pending(t, a, 0)
	if more := relay(t, a, "a", 10); len(more) != 0 {
		t.Fatalf("handed over again: %+v", more)
	}
}

func failedChangeLeavesNoFact(t *testing.T, items catalog.ItemRepository, a, _ catalog.Outbox) {
	publish(t, items, "x", full(), noon)
	relay(t, a, "a", 10)
	_, err := items.Update(t.Context(), []catalog.ItemID{"x"}, func(f *catalog.FeedItem, _ func() (catalog.Number, error)) error {
		ok(t, f.Hide(noon))
		return errors.New("refused")
	})
	ok(t, err)
	pending(t, a, 0)
}

func limitedRelay(t *testing.T, items catalog.ItemRepository, a, _ catalog.Outbox) {
	for i := range 7 {
		publish(t, items, catalog.ItemID(fmt.Sprint(i)), full(), noon)
	}
	var ids []catalog.ItemID
	for _, want := range []int{3, 3, 1, 0} {
		some := relay(t, a, "a", 3)
		if len(some) != want {
			t.Fatalf("%d facts, not %d", len(some), want)
		}
		for _, s := range some {
			ids = append(ids, s.ID)
		}
	}
	same(t, ids, []catalog.ItemID{"0", "1", "2", "3", "4", "5", "6"})
}

func deliveredAgain(t *testing.T, items catalog.ItemRepository, a, b catalog.Outbox) {
	publish(t, items, "x", full(), noon)
	broken := errors.New("broken")
	n, err := a.Relay(t.Context(), "a", 10, func([]catalog.Snapshot) ([]error, error) { return nil, broken })
	if n != (catalog.Relayed{}) || !errors.Is(err, broken) {
		t.Fatalf("%+v, %v", n, err)
	}
	pending(t, a, 1)
	if got := relay(t, b, "b", 10); len(got) != 1 || got[0].ID != "x" {
		t.Fatalf("got %+v", got)
	}
}

func oneRelay(t *testing.T, items catalog.ItemRepository, a, b catalog.Outbox) {
	publish(t, items, "x", full(), noon)
	n, err := a.Relay(t.Context(), "a", 10, func(facts []catalog.Snapshot) ([]error, error) {
		for owner, other := range map[string]catalog.Outbox{"b": b, "c": a} {
			n, err := other.Relay(t.Context(), owner, 10, func([]catalog.Snapshot) ([]error, error) {
				t.Errorf("%s relays too", owner)
				return nil, nil
			})
			if n != (catalog.Relayed{}) || err != nil {
				t.Errorf("%s: %+v, %v", owner, n, err)
			}
		}
		return make([]error, len(facts)), nil
	})
	if n != (catalog.Relayed{Taken: 1, Delivered: 1}) || err != nil {
		t.Fatalf("%+v, %v", n, err)
	}
}

func nextRelay(t *testing.T, items catalog.ItemRepository, a, b catalog.Outbox) {
	for i := range 4 {
		publish(t, items, catalog.ItemID(fmt.Sprint(i)), full(), noon)
		outbox, owner := a, "a"
		if i%2 == 1 {
			outbox, owner = b, "b"
		}
		if got := relay(t, outbox, owner, 10); len(got) != 1 {
			t.Fatalf("%s got %d facts", owner, len(got))
		}
	}
}

func changesDuringDelivery(t *testing.T, items catalog.ItemRepository, a, _ catalog.Outbox) {
	publish(t, items, "x", full(), noon)
	n, err := a.Relay(t.Context(), "a", 10, func(facts []catalog.Snapshot) ([]error, error) {
		update(t, items, "x", func(f *catalog.FeedItem) error { return f.Hide(noon) })
		publish(t, items, "y", full(), noon)
		return make([]error, len(facts)), nil
	})
	if n != (catalog.Relayed{Taken: 1, Delivered: 1}) || err != nil {
		t.Fatalf("%+v, %v", n, err)
	}
	if got := relay(t, a, "a", 10); len(got) != 2 || got[0].State != catalog.Hidden || got[1].ID != "y" {
		t.Fatalf("got %+v", got)
	}
}

func nothingLost(t *testing.T, items catalog.ItemRepository, a, b catalog.Outbox) {
	const writers, each = 4, 15
	var (
		mu      sync.Mutex
		highest = map[catalog.ItemID]uint64{}
		written atomic.Bool
	)
	var relays sync.WaitGroup
	for owner, outbox := range map[string]catalog.Outbox{"a": a, "b": b} {
		relays.Go(func() {
			for {
				last := written.Load()
				n, err := outbox.Relay(t.Context(), owner, 5, func(facts []catalog.Snapshot) ([]error, error) {
					mu.Lock()
					defer mu.Unlock()
					for _, s := range facts {
						highest[s.ID] = max(highest[s.ID], s.Version)
					}
					return make([]error, len(facts)), nil
				})
				if err != nil {
					t.Errorf("%s: %v", owner, err)
					return
				}
				if waiting, err := outbox.Backlog(t.Context()); last && n.Taken == 0 && (waiting.Pending == 0 || err != nil) {
					return
				}
			}
		})
	}
	together(writers, func(w int) {
		for i := range each {
			id := catalog.ItemID(fmt.Sprint("i", (w+i)%5))
			publish(t, items, id, catalog.Details{Title: fmt.Sprint(w, i)}, noon)
		}
	})
	written.Store(true)
	relays.Wait()
	all, err := items.Scan(t.Context(), time.Time{}, 0, 10)
	ok(t, err)
	for _, s := range all {
		if highest[s.ID] != s.Version {
			t.Errorf("%s is at version %d and was handed over up to %d", s.ID, s.Version, highest[s.ID])
		}
	}
}

func relay(t *testing.T, outbox catalog.Outbox, owner string, limit int) []catalog.Snapshot {
	t.Helper()
	var got []catalog.Snapshot
	n, err := outbox.Relay(t.Context(), owner, limit, func(facts []catalog.Snapshot) ([]error, error) {
		got = slices.Clone(facts)
		return make([]error, len(facts)), nil
	})
	ok(t, err)
	if n.Delivered != len(got) {
		t.Fatalf("%d facts were delivered and %d counted", len(got), n.Delivered)
	}
	return got
}

func pending(t *testing.T, outbox catalog.Outbox, want int64) {
	t.Helper()
	b, err := outbox.Backlog(t.Context())
	ok(t, err)
	if b.Pending != want {
		t.Fatalf("%d facts wait, not %d", b.Pending, want)
	}
}
