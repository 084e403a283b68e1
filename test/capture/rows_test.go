package capture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

func details(title string) []byte { return fmt.Appendf(nil, `{"t":%q,"p":1700000000000}`, title) }

func TestRowsChangedInSQLReachEveryIndex(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	for _, id := range []catalog.ItemID{"changed", "hidden", "gone", "renamed"} {
		put(t, a, id, "first")
		eventually(t, id, "first", a, b)
	}

	f.sql("UPDATE items SET details = ? WHERE id = 'changed'", details("by hand"))
	eventually(t, "changed", "by hand", a, b)
	f.sql("UPDATE items SET details = ? WHERE id = 'changed'", details("again"))
	eventually(t, "changed", "again", a, b)

	f.sql("UPDATE items SET details = JSON_SET(CONVERT(details USING utf8mb4), '$.t', 'A better title') WHERE id = 'changed'")
	eventually(t, "changed", "A better title", a, b)

	f.sql("UPDATE items SET state = 2 WHERE id = 'hidden'")
	eventually(t, "hidden", "(hidden)", a, b)

	f.sql("DELETE FROM items WHERE id = 'gone'")
	eventually(t, "gone", "(removed)", a, b)
	put(t, b, "gone", "back")
	eventually(t, "gone", "back", a, b)

	f.sql("UPDATE items SET id = 'new-name' WHERE id = 'renamed'")
	eventually(t, "renamed", "(removed)", a, b)
	eventually(t, "new-name", "first", a, b)

	f.sql("INSERT INTO items (number, id, state, version, changed_at, details) VALUES (900000, 'inserted', 1, 1, 0, ?)", details("by hand"))
	eventually(t, "inserted", "by hand", a, b)

	f.agree(a, b)
	late := f.instance()
	f.agree(a, b, late)
	require.Eventually(t, func() bool { return f.number("SELECT COUNT(*) FROM outbox") == 0 }, patience, time.Millisecond, "nothing piles up")
}

// So many rows at once do not wait for their transaction's end, and neither does the right to read run out meanwhile.
func TestManyRowsChangedAtOnceReachEveryIndex(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	const rows = 25_000
	tx, err := f.raw.Begin()
	require.NoError(t, err)
	for from := 0; from < rows; from += 1000 {
		values := make([]string, 1000)
		for i := range values {
			values[i] = fmt.Sprintf(`(%d, 'bulk%d', 1, 1, 0, '{"t":"bulk","p":1700000000000}')`, 5000+from+i, from+i)
		}
		_, err := tx.Exec("INSERT INTO items (number, id, state, version, changed_at, details) VALUES " + strings.Join(values, ","))
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	began := time.Now()
	for _, in := range []*instance{a, b} {
		require.Eventually(t, func() bool { return in.index.Stats().Live == rows }, 2*patience, 10*time.Millisecond)
	}
	t.Logf("%d rows in %v", rows, time.Since(began))
	f.sql("UPDATE items SET details = ?", details("all of them"))
	eventually(t, "bulk24999", "all of them", a, b)
	f.agree(a, b)
	require.Empty(t, b.gapsTold(), "one instance read all of it")
}

func TestAVersionSetBackInSQLIsNotOld(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	for i := range 5 {
		put(t, a, "x", fmt.Sprint(i))
	}
	eventually(t, "x", "4", a, b)
	f.sql("UPDATE items SET version = 1, details = ? WHERE id = 'x'", details("restored"))
	eventually(t, "x", "restored", a, b)
	s, _ := b.shows("x")
	require.EqualValues(t, 6, s.Version)
	f.agree(a, b)
}

func TestWhatNoItemMayBeIsRefusedAndHoldsNothingUp(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	put(t, a, "x", "fine")
	put(t, a, "y", "fine")
	eventually(t, "x", "fine", a)
	f.sql("UPDATE items SET details = ? WHERE id IN ('x', 'y')", `{"g":["a/b"]}`)
	f.sql("UPDATE items SET details = 'nonsense' WHERE id = 'x'")
	f.sql("INSERT INTO items (number, id, state, version, changed_at, details) VALUES (0, 'no number', 0, 0, 0, '{}'), (-1, 'below', 1, 1, 0, '{}')")
	f.sql("UPDATE items SET details = ? WHERE id = 'y'", details("mended"))
	eventually(t, "y", "mended", a)
	require.Equal(t, "fine", title(a, "x"))
	refused := func(id catalog.ItemID) bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.refused[id] != nil
	}
	for _, id := range []catalog.ItemID{"x", "no number", "below"} {
		require.Eventually(t, func() bool { return refused(id) }, patience, time.Millisecond, id)
	}
	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("mended"))
	eventually(t, "x", "mended", a)
}
