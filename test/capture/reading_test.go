package capture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/ports/job"
)

func TestReadingGoesOnWhereItStopped(t *testing.T) {
	f := lent(t)
	follower := f.instance().run(false)
	reader := f.instance().run(true)
	reader.awaitReading()
	put(t, reader, "x", "first")
	put(t, reader, "y", "first")
	eventually(t, "y", "first", follower)
	reader.close()

	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("while nobody read"))
	f.sql("DELETE FROM items WHERE id = 'y'")
	version := f.number("SELECT version FROM items WHERE id = 'x'")
	next := f.instance().run(true)
	eventually(t, "x", "while nobody read", follower, next)
	eventually(t, "y", "(removed)", follower, next)
	require.Empty(t, next.gapsTold(), "it did not begin anew")
	require.Equal(t, version+1, f.number("SELECT version FROM items WHERE id = 'x'"), "once")
	f.agree(follower, next)
}

// The same part of the log is read again: nothing that was done is done again.
func TestWhatIsReadTwiceChangesNothingMore(t *testing.T) {
	f := lent(t)
	follower := f.instance().run(false)
	reader := f.instance().run(true)
	reader.awaitReading()
	put(t, reader, "x", "first")
	eventually(t, "x", "first", follower)
	var early string
	require.NoError(t, f.raw.QueryRow("SELECT done_to FROM captures").Scan(&early))
	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("by hand"))
	eventually(t, "x", "by hand", follower)
	put(t, reader, "x", "by command")
	eventually(t, "x", "by command", follower)
	f.sql("DELETE FROM items WHERE id = 'x'")
	eventually(t, "x", "(removed)", follower)
	put(t, reader, "x", "back")
	eventually(t, "x", "back", follower)
	reader.close()

	version := f.number("SELECT version FROM items WHERE id = 'x'")
	f.sql("UPDATE captures SET done_to = ?", early)
	again := f.instance().run(true)
	put(t, again, "last", "last")
	eventually(t, "last", "last", follower, again)
	require.Eventually(t, func() bool { // it was read again
		return again.capture.Stats().Rows[capturing.Kind{Table: "items", Kind: "delete"}] == 1
	}, patience, time.Millisecond)
	f.agree(follower, again)
	require.Equal(t, version, f.number("SELECT version FROM items WHERE id = 'x'"))
}

func TestAnotherInstanceTakesOverFromOneThatDied(t *testing.T) {
	t.Parallel() // it mostly waits
	f := lent(t)
	follower := f.instance().run(false)
	one := f.instance().run(true)
	one.awaitReading()
	two := f.instance().run(true)
	time.Sleep(300 * time.Millisecond)
	require.True(t, one.capture.Stats().Reading)
	require.False(t, two.capture.Stats().Reading, "one reads at a time")
	put(t, one, "x", "first")
	eventually(t, "x", "first", follower, two)

	require.NoError(t, one.jobs.Stop(ctx)) // it holds the right and its connection, and does nothing any more
	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("while it hung"))
	eventually(t, "x", "while it hung", follower, two)
	require.True(t, two.capture.Stats().Reading)

	_, err := one.capture.Follow(ctx) // it comes to itself
	for range 3 {
		_, err = one.capture.Follow(ctx)
	}
	require.NoError(t, err)
	require.False(t, one.capture.Stats().Reading)
	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("after that"))
	eventually(t, "x", "after that", follower, two)
}

func TestTablesMayChangeAndOthersAreIgnored(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	put(t, a, "x", "first")
	eventually(t, "x", "first", a, b)
	f.sql("CREATE TABLE notes (id INT PRIMARY KEY, note TEXT)")
	f.sql("INSERT INTO notes VALUES (1, 'anything')")
	f.sql("ALTER TABLE items ADD COLUMN remark VARCHAR(10) NULL FIRST")
	f.sql("UPDATE items SET details = ?, remark = 'new' WHERE id = 'x'", details("with another column"))
	eventually(t, "x", "with another column", a, b)
	put(t, b, "x", "by command")
	eventually(t, "x", "by command", a, b)
	f.sql("ALTER TABLE items DROP COLUMN remark, MODIFY details LONGTEXT NOT NULL")
	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("as text"))
	eventually(t, "x", "as text", a, b)
	f.sql("INSERT INTO notes VALUES (2, 'anything')")
	f.sql("UPDATE items SET state = 2 WHERE id = 'x'")
	eventually(t, "x", "(hidden)", a, b)
	said := a.said.String() + b.said.String()
	require.Equal(t, 1, strings.Count(said, ".notes"), said)
	require.Contains(t, said, "ALTER TABLE items")
	require.Len(t, append(a.gapsTold(), b.gapsTold()...), 1, "only the first")
	f.agree(a, b)
}

// The log was cleared while nobody read it: rows of the same version, rows that are gone, and viewers.
func TestAfterALogThatIsGoneEverythingIsLookedAt(t *testing.T) {
	t.Parallel() // it mostly waits
	f, _ := onOwnServer(t)
	follower := f.instance().run(false)
	reader := f.instance().run(true)
	reader.awaitReading()
	for i := range 20 {
		put(t, reader, catalog.ItemID(fmt.Sprint("i", i)), "first")
	}
	eventually(t, "i19", "first", follower)
	require.NoError(t, reader.decisions.Relate(ctx, "v", audience.Follows, "bert"))
	remember(t, reader, "v")
	reader.close()

	f.sql("UPDATE items SET details = ? WHERE id = 'i3'", details("unread"))
	f.sql("UPDATE items SET version = 0, state = 2 WHERE id = 'i4'")
	f.sql("DELETE FROM items WHERE id = 'i5'")
	f.sql("INSERT INTO ties (viewer, relation, author, at) VALUES ('v', 1, 'anna', 1)")
	require.Eventually(t, func() bool { // a log stays while the server believes that somebody reads it
		f.sql("FLUSH BINARY LOGS")
		f.sql("PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY")
		return f.logs() == 1
	}, patience, 200*time.Millisecond)

	next := f.instance().run(true)
	eventually(t, "i3", "unread", follower, next)
	eventually(t, "i4", "(hidden)", follower, next)
	eventually(t, "i5", "(removed)", follower, next)
	require.Len(t, next.gapsTold(), 1)
	require.Eventually(t, func() bool { _, known, err := next.fast.Recall(ctx, "v"); return err == nil && !known }, patience, 10*time.Millisecond)
	f.sql("UPDATE items SET details = ? WHERE id = 'i3'", details("read again"))
	eventually(t, "i3", "read again", follower, next)
	f.agree(follower, next)
}

func TestATableEmptiedAtOnceIsNoticed(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	b := f.instance().run(true)
	// The review of the gap before, if it is late, adopts what the statement removed. The fact of that may lie before where
	// reading goes on; then it is the relay that tells it, as in a service.
	a.jobs.Start(job.Loop{Name: "relay", Every: 100 * time.Millisecond, Run: a.relay.Drain})
	put(t, a, "x", "first")
	eventually(t, "x", "first", a, b)
	f.sql("TRUNCATE TABLE items")
	eventually(t, "x", "(removed)", a, b)
	put(t, a, "x", "back")
	eventually(t, "x", "back", a, b)
	f.agree(a, b)
}

// remember has Redis hold a viewer.
func remember(t *testing.T, in *instance, id audience.ViewerID) {
	t.Helper()
	_, err := in.known.Fill(ctx, id)
	require.NoError(t, err)
	_, known, err := in.fast.Recall(ctx, id)
	require.NoError(t, err)
	require.True(t, known)
}

func TestRelationsChangedInSQLReachTheViewersState(t *testing.T) {
	f := lent(t)
	a := f.instance().run(true)
	a.awaitReading()
	f.instance().run(true)
	follows := func(author catalog.AuthorID) func() bool {
		return func() bool {
			k, known, err := a.fast.Recall(ctx, "v")
			if err == nil && !known {
				k, err = a.known.Fill(ctx, "v")
			}
			return err == nil && k.Viewer.Has(audience.Follows, author)
		}
	}
	not := func(is func() bool) func() bool { return func() bool { return !is() } }
	remember(t, a, "v")
	f.sql("INSERT INTO ties (viewer, relation, author, at) VALUES ('v', 1, 'anna', 1)")
	require.Eventually(t, follows("anna"), patience, time.Millisecond)
	f.sql("UPDATE ties SET author = 'bert' WHERE viewer = 'v'")
	require.Eventually(t, follows("bert"), patience, time.Millisecond)
	require.False(t, follows("anna")())
	f.sql("DELETE FROM ties WHERE viewer = 'v'")
	require.Eventually(t, not(follows("bert")), patience, time.Millisecond)

	remember(t, a, "v")
	f.sql("INSERT INTO decisions (viewer, kind, target, direction, at) VALUES ('v', 2, 'anna', 1, 1)")
	require.Eventually(t, func() bool {
		k, known, err := a.fast.Recall(ctx, "v")
		return err == nil && (!known || len(k.Viewer.Decisions()) == 1)
	}, patience, time.Millisecond)

	before := a.capture.Stats().Viewers
	remember(t, a, "w")
	require.NoError(t, a.decisions.Relate(ctx, "w", audience.Follows, "anna"))
	f.sql("INSERT INTO ties (viewer, relation, author, at) VALUES ('last', 1, 'anna', 1)")
	require.Eventually(t, func() bool { return a.capture.Stats().Viewers > before }, patience, time.Millisecond)
	_, known, err := a.fast.Recall(ctx, "w")
	require.NoError(t, err)
	require.True(t, known, "what a command did is in the fast copy already")
}
