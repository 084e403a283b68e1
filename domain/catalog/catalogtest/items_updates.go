package catalogtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

func failedChangeLeavesNoTrace(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "x", full(), noon)
	before := find(t, items, "x").Snapshot()
	refusal := errors.New("refused")
	outcomes, err := items.Update(t.Context(), []catalog.ItemID{"x", "new"}, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		if f.Exists() {
			ok(t, f.Hide(noon))
		} else {
			n, err := number()
			ok(t, err)
			ok(t, f.Publish(n, full(), noon))
		}
		return refusal
	})
	ok(t, err)
	if !errors.Is(outcomes[0], refusal) || !errors.Is(outcomes[1], refusal) {
		t.Fatalf("outcomes %v", outcomes)
	}
	same(t, find(t, items, "x").Snapshot(), before)
	gone(t, items, "new")
	if all, err := items.Scan(t.Context(), time.Time{}, 0, 10); err != nil || len(all) != 1 {
		t.Fatalf("%v items, %v", len(all), err)
	}
}

func nothingChangedNothingStored(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "x", full(), noon)
	publish(t, items, "x", full(), noon.Add(time.Minute))
	if s := find(t, items, "x").Snapshot(); s.Version != 1 || !s.ChangedAt.Equal(noon) {
		t.Fatalf("version %d of %v", s.Version, s.ChangedAt)
	}
}

func noLostChange(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "x", catalog.Details{}, noon)
	const writers, each = 6, 8
	together(writers, func(w int) {
		for i := range each {
			update(t, items, "x", func(f *catalog.FeedItem) error {
				title := fmt.Sprintf("%s%c", f.Snapshot().Details.Title, 'a'+rune(w))
				return f.Amend(catalog.Patch{Title: &title}, noon.Add(time.Duration(i)))
			})
		}
	})
	s := find(t, items, "x").Snapshot()
	if len(s.Details.Title) != writers*each || s.Version != 1+writers*each {
		t.Fatalf("%d changes became version %d, title %q", writers*each, s.Version, s.Details.Title)
	}
}

func oneItemOfMany(t *testing.T, items catalog.ItemRepository) {
	const publishers = 8
	for round := range 5 {
		id := catalog.ItemID(fmt.Sprint("x", round))
		together(publishers, func(p int) {
			publish(t, items, id, catalog.Details{Title: fmt.Sprint(p)}, noon)
		})
		s := find(t, items, id).Snapshot()
		if s.Version != publishers {
			t.Fatalf("%d publications became version %d", publishers, s.Version)
		}
		all, err := items.Scan(t.Context(), time.Time{}, 0, 100)
		ok(t, err)
		if len(all) != round+1 {
			t.Fatalf("%d items after round %d", len(all), round)
		}
	}
}
