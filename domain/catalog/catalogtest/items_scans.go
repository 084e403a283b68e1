package catalogtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

func scanByNumber(t *testing.T, items catalog.ItemRepository) {
	byNumber := map[catalog.Number]catalog.ItemID{}
	for i := range 7 {
		id := catalog.ItemID(fmt.Sprint("i", i))
		byNumber[publish(t, items, id, full(), noon)] = id
	}
	update(t, items, "i2", func(f *catalog.FeedItem) error { return f.Remove(noon) })
	var last catalog.Number
	met := 0
	for _, want := range []int{3, 3, 1, 0} {
		some, err := items.Scan(t.Context(), time.Time{}, last, 3)
		ok(t, err)
		if len(some) != want {
			t.Fatalf("%d items after %d, not %d", len(some), last, want)
		}
		for _, s := range some {
			if s.Number <= last || byNumber[s.Number] != s.ID {
				t.Fatalf("number %d after %d, of %s", s.Number, last, s.ID)
			}
			if (s.ID == "i2") != (s.State == catalog.Removed) {
				t.Fatalf("%s is %s", s.ID, s.State)
			}
			last = s.Number
			met++
		}
	}
	if met != 7 {
		t.Fatalf("%d of 7 items", met)
	}
}

func scanSince(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "before", full(), noon.Add(-time.Millisecond))
	publish(t, items, "at", full(), noon)
	publish(t, items, "after", full(), noon.Add(time.Hour))
	publish(t, items, "changed", full(), noon.Add(-time.Hour))
	update(t, items, "changed", func(f *catalog.FeedItem) error { return f.Hide(noon) })
	all, err := items.Scan(t.Context(), noon, 0, 10)
	ok(t, err)
	var ids []catalog.ItemID
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	same(t, ids, []catalog.ItemID{"after", "at", "changed"})
}
