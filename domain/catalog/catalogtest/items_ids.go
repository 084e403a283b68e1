package catalogtest

import (
	"fmt"
	"testing"

	"github.com/freshet/freshet/domain/catalog"
)

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
