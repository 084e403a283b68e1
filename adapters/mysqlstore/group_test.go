package mysqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/databases"
)

func TestGroupedEventLog(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		engagementtest.Log(t, func(t *testing.T) engagement.EventLog {
			a, b := open(t)
			return &alternatingLog{inTurn[engagement.EventLog]{of: []engagement.EventLog{
				grouped(t, a, mysqlstore.GroupOptions{}), grouped(t, b, mysqlstore.GroupOptions{Size: 10}),
			}}}
		})
	})
}

func grouped(t *testing.T, db *mysqlstore.DB, o mysqlstore.GroupOptions) *mysqlstore.GroupedLog {
	log := mysqlstore.NewGroupedLog(mysqlstore.NewEventLog(db), o)
	t.Cleanup(log.Close)
	return log
}

// held is a grouped log on a database on which nothing can be appended until release, with one event under way.
type held struct {
	*mysqlstore.GroupedLog
	t       *testing.T
	release func()
	first   <-chan answer
	events  []engagement.Event // the first caller's own
	leave   context.CancelFunc // the first caller gives up
}

type answer struct {
	fresh []bool
	err   error
}

func onEachHeld(t *testing.T, o mysqlstore.GroupOptions, test func(t *testing.T, log held)) {
	t.Run("SQLite", func(t *testing.T) {
		path := databases.SQLite(t, "f.db")
		test(t, hold(t, mysqlstore.Options{Path: path}, o, sqlite.DriverName, "file:"+path+"?_txlock=immediate"))
	})
	t.Run("MySQL", func(t *testing.T) {
		dsn := databases.MySQL(t)
		test(t, hold(t, mysqlstore.Options{DSN: dsn}, o, "mysql", dsn))
	})
}

func hold(t *testing.T, opts mysqlstore.Options, o mysqlstore.GroupOptions, driver, dsn string) held {
	log := grouped(t, opened(t, opts), o)
	admin, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	if opts.Path != "" { // as particular as MySQL
		_, err := admin.ExecContext(t.Context(),
			"CREATE TRIGGER particular BEFORE INSERT ON events WHEN length(NEW.event_id) > 128 BEGIN SELECT RAISE(ABORT, 'too long'); END")
		require.NoError(t, err)
	}
	tx, err := admin.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE log_heads SET head = head WHERE name = 'events'")
	require.NoError(t, err)
	h := held{GroupedLog: log, t: t, release: sync.OnceFunc(func() { require.NoError(t, tx.Rollback()) })}
	t.Cleanup(h.release)
	ctx, leave := context.WithCancel(t.Context())
	t.Cleanup(leave)
	h.events, h.leave = []engagement.Event{liked("first")}, leave
	h.first = h.begin(ctx, h.events...)
	require.Eventually(t, func() bool { return log.Stats().UnderWay == 1 }, 5*time.Second, time.Millisecond)
	return h
}

// begin appends in the background, and returns once the events wait or are refused.
func (h held) begin(ctx context.Context, events ...engagement.Event) <-chan answer {
	before := h.Stats()
	said := make(chan answer, 1)
	go func() {
		fresh, err := h.Append(ctx, events, dawn)
		said <- answer{fresh, err}
	}()
	require.Eventually(h.t, func() bool {
		now := h.Stats()
		return now.Waiting+now.UnderWay != before.Waiting+before.UnderWay || len(said) > 0
	}, 5*time.Second, 100*time.Microsecond)
	return said
}

func liked(id string) engagement.Event {
	return engagement.Event{ID: engagement.EventID(id), Viewer: "v", Act: audience.Like, Item: "i", At: dawn}
}

// ids are those in the log, in its order.
func (h held) ids() (ids []string) {
	events, err := h.Read(h.t.Context(), 0, 1000)
	require.NoError(h.t, err)
	for i, e := range events {
		require.EqualValues(h.t, i+1, e.Offset)
		ids = append(ids, string(e.ID))
	}
	return ids
}

func TestWhoComesWhileATransactionIsUnderWayIsStoredTogetherWithOthersWhoDo(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{}, func(t *testing.T, log held) {
		a := log.begin(t.Context(), liked("a"), liked("b"))
		b := log.begin(t.Context(), liked("b"), liked("first"), liked("c"))
		log.release()
		require.Equal(t, answer{fresh: []bool{true}}, <-log.first)
		require.Equal(t, answer{fresh: []bool{true, true}}, <-a)
		require.Equal(t, answer{fresh: []bool{false, false, true}}, <-b)
		require.Equal(t, []string{"first", "a", "b", "c"}, log.ids())
		stats := log.Stats()
		require.Equal(t, [3]uint64{2, 6, 0}, [3]uint64{stats.Groups, stats.Events, stats.Failed})
		require.Equal(t, [2]uint64{1, 2}, [2]uint64{stats.Sizes[1], stats.Sizes[10]})
	})
}

func TestATransactionIsOfNoMoreThanItsSizeUnlessOneCallerBringsMore(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{Size: 3}, func(t *testing.T, log held) {
		var said []<-chan answer
		for _, batch := range []string{"ab", "c", "d", "efghi", "j"} {
			var events []engagement.Event
			for _, id := range strings.Split(batch, "") {
				events = append(events, liked(id))
			}
			said = append(said, log.begin(t.Context(), events...))
		}
		log.release()
		for _, s := range said {
			require.NoError(t, (<-s).err)
		}
		require.Equal(t, "first a b c d e f g h i j", strings.Join(log.ids(), " "))
		require.EqualValues(t, 1+4, log.Stats().Groups, "abc, d, efghi, j")
	})
}

func TestAFullQueueRefusesAtOnceAndKeepsWhatItHas(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{Waiting: 3}, func(t *testing.T, log held) {
		a := log.begin(t.Context(), liked("a"), liked("b"))
		refused := <-log.begin(t.Context(), liked("x"), liked("y"))
		require.True(t, fault.Is(refused.err, fault.Limited), refused.err)
		require.Equal(t, "event_log_full", fault.Of(refused.err).Code())
		b := log.begin(t.Context(), liked("c"))
		require.True(t, fault.Is((<-log.begin(t.Context(), liked("z"))).err, fault.Limited))
		require.Equal(t, 3, log.Stats().Waiting)
		log.release()
		require.NoError(t, (<-a).err)
		require.NoError(t, (<-b).err)
		require.Equal(t, []string{"first", "a", "b", "c"}, log.ids())
		require.EqualValues(t, 2, log.Stats().Full)
		_, err := log.Append(t.Context(), []engagement.Event{liked("x"), liked("y"), liked("z")}, dawn)
		require.NoError(t, err, "there is room again")
	})
}

func TestWhoWaitsTooLongIsRefusedAndNotStored(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{Patience: 20 * time.Millisecond}, func(t *testing.T, log held) {
		late := <-log.begin(t.Context(), liked("late"))
		require.True(t, fault.Is(late.err, fault.Unavailable), late.err)
		require.Equal(t, "event_log_busy", fault.Of(late.err).Code())
		require.Zero(t, log.Stats().Waiting)
		require.EqualValues(t, 1, log.Stats().Late)
		require.Empty(t, log.first, "what is under way waits for the database")
		log.release()
		require.NoError(t, (<-log.first).err)
		require.Equal(t, []string{"first"}, log.ids())
	})
}

func TestACallerWhoGivesUpTakesNothingFromTheOthers(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{}, func(t *testing.T, log held) {
		a := log.begin(t.Context(), liked("a"))
		ctx, cancel := context.WithCancel(t.Context())
		gone := log.begin(ctx, liked("gone"))
		b := log.begin(t.Context(), liked("b"))
		cancel()
		said := <-gone
		require.True(t, fault.Is(said.err, fault.Unavailable), said.err)
		require.ErrorIs(t, said.err, context.Canceled)
		require.Equal(t, 2, log.Stats().Waiting)
		log.release()
		require.NoError(t, (<-a).err)
		require.NoError(t, (<-b).err)
		require.Equal(t, []string{"first", "a", "b"}, log.ids(), "it was not under way yet")
	})
}

func TestACallerWhoGivesUpOnTheWayMayUseItsSliceAgain(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{}, func(t *testing.T, log held) {
		log.leave()
		said := <-log.first
		require.True(t, fault.Is(said.err, fault.Unavailable), said.err)
		clear(log.events)
		log.release()
		log.Close()
		require.Equal(t, []string{"first"}, log.ids())
	})
}

func TestWhatTheDatabaseRefusesOfOneCallerIsStoredOfTheOthers(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{}, func(t *testing.T, log held) {
		bad := liked(strings.Repeat("x", 200)) // longer than the column
		a := log.begin(t.Context(), liked("a"))
		poison := log.begin(t.Context(), liked("p"), bad, liked("q"))
		b := log.begin(t.Context(), liked("a"), liked("b"))
		log.release()
		require.Equal(t, answer{fresh: []bool{true}}, <-a)
		said := <-poison
		require.True(t, fault.Is(said.err, fault.Internal), said.err)
		require.Nil(t, said.fresh)
		require.Equal(t, answer{fresh: []bool{false, true}}, <-b)
		require.Equal(t, []string{"first", "a", "b"}, log.ids())
		require.EqualValues(t, 2, log.Stats().Failed, "together, and alone")
	})
}

func TestClosingStoresWhatWaitsAndRefusesTheRest(t *testing.T) {
	onEachHeld(t, mysqlstore.GroupOptions{Size: 1}, func(t *testing.T, log held) {
		var said []<-chan answer
		for i := range 5 {
			said = append(said, log.begin(t.Context(), liked(fmt.Sprint(i))))
		}
		closed := make(chan struct{})
		go func() { defer close(closed); log.Close() }()
		require.Eventually(t, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, err := log.Append(ctx, []engagement.Event{liked("x")}, dawn)
			return err != nil && fault.Of(err).Code() == "event_log_closing" && fault.Is(err, fault.Unavailable)
		}, 5*time.Second, time.Millisecond)
		select {
		case <-closed:
			require.Fail(t, "closed before all was stored")
		default:
		}
		log.release()
		<-closed
		for _, s := range said {
			require.Equal(t, answer{fresh: []bool{true}}, <-s)
		}
		require.Equal(t, "first 0 1 2 3 4", strings.Join(log.ids(), " "))
		log.Close()
	})
}
