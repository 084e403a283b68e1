package catalogtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

func alignedAnswers(t *testing.T, items catalog.ItemRepository) {
	publish(t, items, "known", full(), noon)
	refusal := errors.New("refused")
	ids := []catalog.ItemID{"z", "known", "a", "m"}
	outcomes, err := items.Update(t.Context(), ids, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		switch f.ID() {
		case "a":
			return refusal
		case "known":
			return f.Hide(noon)
		}
		n, err := number()
		if err != nil {
			return err
		}
		return f.Publish(n, full(), noon)
	})
	ok(t, err)
	if len(outcomes) != 4 || outcomes[0] != nil || outcomes[1] != nil || !errors.Is(outcomes[2], refusal) || outcomes[3] != nil {
		t.Fatalf("outcomes %v", outcomes)
	}
	gone(t, items, "a")
	find(t, items, "z")
	find(t, items, "m")
	if find(t, items, "known").Snapshot().State != catalog.Hidden {
		t.Fatal("the change beside the failed one was lost")
	}
}

func overlappingBatches(t *testing.T, items catalog.ItemRepository) {
	ids := make([]catalog.ItemID, 40)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprint("i", i))
	}
	backwards := slices.Clone(ids)
	slices.Reverse(backwards)
	const writers, each = 4, 4
	together(writers, func(w int) {
		batch := ids
		if w%2 == 1 {
			batch = backwards
		}
		for i := range each {
			publishAll(t, items, batch, catalog.Details{Title: fmt.Sprint(w, i)}, noon)
		}
	})
	for _, id := range ids {
		if v := find(t, items, id).Snapshot().Version; v != writers*each {
			t.Fatalf("%s is at version %d after %d changes", id, v, writers*each)
		}
	}
}

func bigBatch(t *testing.T, items catalog.ItemRepository) {
	ids := make([]catalog.ItemID, 1000)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprintf("i%04d", 999-i))
	}
	for version := 1; version <= 2; version++ {
		publishAll(t, items, ids, catalog.Details{Title: fmt.Sprint(version)}, noon)
		all, err := items.Scan(t.Context(), time.Time{}, 0, 2000)
		ok(t, err)
		if len(all) != len(ids) {
			t.Fatalf("%d of %d items", len(all), len(ids))
		}
		for _, s := range all {
			if s.Version != uint64(version) {
				t.Fatalf("%s is at version %d, not %d", s.ID, s.Version, version)
			}
		}
	}
}

func heavyBatch(t *testing.T, items catalog.ItemRepository) {
	ids := make([]catalog.ItemID, 300)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprint("i", i))
	}
	payload := make([]byte, catalog.MaxPayloadBytes)
	for i := range payload {
		payload[i] = byte(i)
	}
	publishAll(t, items, ids, catalog.Details{Payload: payload}, noon)
	for _, id := range []catalog.ItemID{"i0", "i299"} {
		if got := find(t, items, id).Snapshot().Details.Payload; !slices.Equal(got, payload) {
			t.Fatalf("%s came back with %d bytes that differ", id, len(got))
		}
	}
}
