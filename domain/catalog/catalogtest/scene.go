package catalogtest

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func full() catalog.Details {
	return catalog.Details{
		Author: "author-é", Title: "<Fünf> & \u2028 河🌊\n", Tags: []string{"b", "a", "🎉"}, Lang: "zh-Hant", Region: "TW",
		Labels: []string{"safe"}, Duration: 90*time.Second + 5*time.Millisecond,
		PublishedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour), Payload: []byte("{\"a\" : \"<\\u0000>\"}\xff"),
	}
}

func publish(t *testing.T, items catalog.ItemRepository, id catalog.ItemID, d catalog.Details, now time.Time) catalog.Number {
	publishAll(t, items, []catalog.ItemID{id}, d, now)
	f, err := items.Find(t.Context(), id)
	if err != nil {
		t.Errorf("find %q: %v", id, err)
		return 0
	}
	return f.Snapshot().Number
}

func publishAll(t *testing.T, items catalog.ItemRepository, ids []catalog.ItemID, d catalog.Details, now time.Time) {
	outcomes, err := items.Update(t.Context(), ids, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		var n catalog.Number
		if f.NeedsNumber() {
			var err error
			if n, err = number(); err != nil {
				return err
			}
		}
		return f.Publish(n, d, now)
	})
	if err := errors.Join(append(outcomes, err)...); err != nil {
		t.Errorf("publish: %v", err)
	}
}

func update(t *testing.T, items catalog.ItemRepository, id catalog.ItemID, change func(*catalog.FeedItem) error) {
	outcomes, err := items.Update(t.Context(), []catalog.ItemID{id}, func(f *catalog.FeedItem, _ func() (catalog.Number, error)) error {
		return change(f)
	})
	if err := errors.Join(append(outcomes, err)...); err != nil {
		t.Errorf("update %q: %v", id, err)
	}
}

func find(t *testing.T, items catalog.ItemRepository, id catalog.ItemID) *catalog.FeedItem {
	t.Helper()
	f, err := items.Find(t.Context(), id)
	if err != nil {
		t.Fatalf("find %q: %v", id, err)
	}
	return f
}

func gone(t *testing.T, items catalog.ItemRepository, id catalog.ItemID) {
	t.Helper()
	if f, err := items.Find(t.Context(), id); !errors.Is(err, catalog.ErrItemNotFound) {
		t.Fatalf("find %q: %v, %v", id, f, err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

func unavailable(t *testing.T, err error) {
	t.Helper()
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("%v is not of kind unavailable", err)
	}
}

// together runs n of do at once and waits for all.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}
