package catalogtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
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

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func full() catalog.Details {
	return catalog.Details{
		Author: "author-é", Title: "<Fünf> & \u2028 河🌊\n", Tags: []string{"b", "a", "🎉"}, Lang: "zh-Hant", Region: "TW",
		Labels: []string{"safe"}, Duration: 90*time.Second + 5*time.Millisecond,
		PublishedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour), Payload: []byte("{\"a\" : \"<\\u0000>\"}\xff"),
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

func numbersStay(t *testing.T, items catalog.ItemRepository) {
	seen := map[catalog.Number]catalog.ItemID{}
	for i := range 700 {
		id := catalog.ItemID(fmt.Sprint("i", i))
		n := publish(t, items, id, catalog.Details{}, noon)
		if other, taken := seen[n]; taken || n == 0 || n >= 1<<53 {
			t.Fatalf("number %d of %s is that of %q", n, id, other)
		}
		seen[n] = id
	}
	n := find(t, items, "i3").Snapshot().Number
	update(t, items, "i3", func(f *catalog.FeedItem) error { return f.Remove(noon) })
	if again := publish(t, items, "i3", full(), noon); again != n {
		t.Fatalf("the number went from %d to %d", n, again)
	}
}

func oneNumberAnItem(t *testing.T, items catalog.ItemRepository) {
	for range 3 {
		_, err := items.Update(t.Context(), []catalog.ItemID{"x"}, func(_ *catalog.FeedItem, number func() (catalog.Number, error)) error {
			a, err := number()
			ok(t, err)
			b, err := number()
			ok(t, err)
			if a != b {
				t.Errorf("one item was offered %d and %d", a, b)
			}
			return nil
		})
		ok(t, err)
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

func alikeIDs(t *testing.T, items catalog.ItemRepository) {
	ids := Alike()
	for _, id := range ids {
		publish(t, items, catalog.ItemID(id), catalog.Details{Title: id}, noon)
	}
	publishAll(t, items, []catalog.ItemID{"a", "A", "a "}, catalog.Details{Title: "changed"}, noon)
	for _, id := range ids {
		want := id
		if id == "a" || id == "A" || id == "a " {
			want = "changed"
		}
		if got := find(t, items, catalog.ItemID(id)).Snapshot().Details.Title; got != want {
			t.Errorf("%q is %q", id, got)
		}
	}
	gone(t, items, "b")
}

// Alike are ids that sloppy stores confuse: they differ in case, in spaces at the end, in how a
// letter is composed, in width, or lie outside the basic plane.
func Alike() []string {
	return []string{
		"a", "A", "a ", " a", "a  ", "\u00e9", "e\u0301", "E\u0301", "e", "\uff41", "\u0131", "i", "I", "ss", "\u00df",
		"😀", "😁", "𠀋", "'", "\\", "\\'", "%", "_", "?", "0", "00",
	}
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
