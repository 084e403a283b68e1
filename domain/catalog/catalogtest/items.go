package catalogtest

import (
	"context"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// Items runs the contract of catalog.ItemRepository; open gives an empty one.
func Items(t *testing.T, open func(t *testing.T) catalog.ItemRepository) {
	for name, clause := range map[string]func(*testing.T, catalog.ItemRepository){
		"an item comes back as it was stored":                   comesBackWhole,
		"an item without details comes back too":                comesBackBare,
		"hidden items are found, removed and unknown are not":   foundUntilRemoved,
		"answers are aligned with ids and failures left out":    alignedAnswers,
		"a failed change leaves no trace":                       failedChangeLeavesNoTrace,
		"a change that changes nothing stores nothing":          nothingChangedNothingStored,
		"an item keeps its number and no two items share one":   numbersStay,
		"a change that asks twice gets one number":              oneNumberAnItem,
		"colliding writers lose no change":                      noLostChange,
		"colliding publishers make one item":                    oneItemOfMany,
		"batches that overlap in opposite orders all finish":    overlappingBatches,
		"a batch of a thousand is stored whole":                 bigBatch,
		"a batch of big payloads is stored whole":               heavyBatch,
		"a scan goes by number and holds removed items":         scanByNumber,
		"a scan since a moment starts at that very millisecond": scanSince,
		"ids that look alike are different":                     alikeIDs,
		"no memory is shared with the caller":                   noSharedMemory,
		"with an ended context nothing happens":                 endedContext,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func comesBackWhole(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "x", full(), noon.Add(999*time.Microsecond))
	got := find(t, items, "x").Snapshot()
	if got.Number == 0 {
		t.Fatal("it has no number")
	}
	same(t, got, catalog.Snapshot{
		ID: "x", Number: got.Number, Details: full(), State: catalog.Published, Version: 1, ChangedAt: noon,
	})
}

func comesBackBare(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "x", catalog.Details{PublishedAt: time.UnixMilli(0)}, noon)
	got := find(t, items, "x").Snapshot().Details
	if !got.Equal(catalog.Details{PublishedAt: time.UnixMilli(0)}) || !got.ExpiresAt.IsZero() {
		t.Fatalf("got %+v", got)
	}
}

func foundUntilRemoved(t *testing.T, items catalog.ItemRepository) {
	gone(t, items, "x")
	publish(t, items, "x", full(), noon)
	update(t, items, "x", func(f *catalog.FeedItem) error { return f.Hide(noon) })
	if s := find(t, items, "x").Snapshot(); s.State != catalog.Hidden || s.Version != 2 {
		t.Fatalf("hidden: %+v", s)
	}
	update(t, items, "x", func(f *catalog.FeedItem) error { return f.Remove(noon) })
	gone(t, items, "x")
}

func noSharedMemory(t *testing.T, items catalog.ItemRepository) {
	mine := full()
	publish(t, items, "x", mine, noon)
	mine.Tags[0], mine.Payload[0] = "spoilt", 'X'
	loaded := find(t, items, "x").Snapshot()
	same(t, loaded.Details, full())
	loaded.Details.Tags[0], loaded.Details.Labels[0], loaded.Details.Payload[0] = "spoilt", "spoilt", 'X'
	same(t, find(t, items, "x").Snapshot().Details, full())
}

func endedContext(t *testing.T, items catalog.ItemRepository) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := items.Update(ctx, []catalog.ItemID{"x"}, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		n, err := number()
		if err != nil {
			return err
		}
		return f.Publish(n, full(), noon)
	})
	unavailable(t, err)
	_, err = items.Find(ctx, "x")
	unavailable(t, err)
	_, err = items.Scan(ctx, time.Time{}, 0, 1)
	unavailable(t, err)
	gone(t, items, "x")
}
