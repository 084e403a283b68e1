package kafkastore_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/freshet/freshet/adapters/kafkastore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/databases"
)

func database(t testing.TB) *mysqlstore.DB { return reopened(t, databases.SQLite(t, "copies.db")) }

func reopened(t testing.TB, path string) *mysqlstore.DB {
	t.Helper()
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: path})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func basedOn(db *mysqlstore.DB) func(*kafkastore.Options) {
	return func(o *kafkastore.Options) { o.Base = mysqlstore.NewCopies(db).Mark }
}

func window(ids int) func(*kafkastore.Options) {
	return func(o *kafkastore.Options) { o.Window = ids }
}

func copier(l *kafkastore.Log, db *mysqlstore.DB, owner string) *copying.Copier {
	return copying.NewCopier(l, mysqlstore.NewCopies(db), mysqlstore.NewCopyingTurn(db), owner, time.Now)
}

func all(t testing.TB, db *mysqlstore.DB) []engagement.Logged {
	t.Helper()
	events, err := mysqlstore.NewEventLog(db).Read(t.Context(), 0, 1_000_000)
	require.NoError(t, err)
	return events
}

// kept is how many records the topic holds.
func kept(t testing.TB, c *kfake.Cluster) int64 {
	t.Helper()
	admin := kadm.NewClient(plain(t, c))
	low, err := admin.ListStartOffsets(t.Context(), "freshet-events")
	require.NoError(t, err)
	end, err := admin.ListEndOffsets(t.Context(), "freshet-events")
	require.NoError(t, err)
	from, _ := low.Lookup("freshet-events", 0)
	to, _ := end.Lookup("freshet-events", 0)
	return to.Offset - from.Offset
}

func TestWhatIsCopiedIsWhatTheLogSays(t *testing.T) {
	c, db := broker(t), database(t)
	_, err := mysqlstore.NewEventLog(db).Append(t.Context(), likes(0, 3), noon) // before there was a topic
	require.NoError(t, err)
	l := open(t, c, basedOn(db))
	fresh, err := l.Append(t.Context(), append(likes(3, 10), likes(5, 12)...), noon)
	require.NoError(t, err)
	require.Equal(t, 9, count(fresh))
	head, err := l.Head(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 12, head, "numbers go on from the database's")
	want, err := l.Read(t.Context(), 3, 100)
	require.NoError(t, err)
	_, err = l.Read(t.Context(), 2, 100)
	require.True(t, fault.Is(err, fault.Gone), "%v", err)

	n, err := copier(l, db, "a").Copy(t.Context())
	require.NoError(t, err)
	require.Equal(t, 9, n)
	require.Equal(t, want, all(t, db)[3:])
	require.NoError(t, copier(l, db, "b").Settle(t.Context(), time.Second))
	n, err = copier(l, db, "a").Copy(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

func count(fresh []bool) (n int) {
	for _, f := range fresh {
		if f {
			n++
		}
	}
	return n
}

func TestAnIDBeyondTheWindowIsCalledNewAndStoredOnce(t *testing.T) {
	c, db := broker(t), database(t)
	l := open(t, c, basedOn(db), window(10))
	fresh, err := l.Append(t.Context(), likes(0, 11), noon)
	require.NoError(t, err)
	require.NotContains(t, fresh, false)
	fresh, err = l.Append(t.Context(), []engagement.Event{like("1"), like("0"), like("11")}, noon)
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, true}, fresh, "the tenth before is remembered, the twelfth not")
	_, err = copier(l, db, "a").Copy(t.Context())
	require.NoError(t, err)
	stored := all(t, db)
	require.Len(t, stored, 12)
	require.EqualValues(t, 11, stored[10].Offset)
	require.EqualValues(t, 13, stored[11].Offset, "the offset of the one that was there stays empty")
}

func TestTheTopicKeepsWhatTheWindowNeedsAndNoMore(t *testing.T) {
	c, db := broker(t), database(t)
	l := open(t, c, basedOn(db), window(200))
	copies := copier(l, db, "a")
	for n := range 60 {
		_, err := l.Append(t.Context(), likes(n*10, n*10+10), noon)
		require.NoError(t, err)
		_, err = copies.Copy(t.Context())
		require.NoError(t, err)
	}
	require.GreaterOrEqual(t, kept(t, c), int64(20))
	require.LessOrEqual(t, kept(t, c), int64(24))
	later := open(t, c, basedOn(db), window(200)) // who comes later knows as much
	for _, one := range []*kafkastore.Log{l, later} {
		known, err := one.Known(t.Context(), []engagement.EventID{"399", "400", "599"})
		require.NoError(t, err)
		require.Equal(t, []bool{false, true, true}, known)
	}
}

func TestHowManyIDsAreRememberedChangesForAllAtOnce(t *testing.T) {
	c, db := broker(t), database(t)
	one := open(t, c, basedOn(db), window(4))
	_, err := one.Append(t.Context(), likes(0, 8), noon)
	require.NoError(t, err)
	two := open(t, c, basedOn(db), window(6))
	_, err = two.Append(t.Context(), likes(0, 8), noon) // after the barrier nothing is known
	require.NoError(t, err)
	for _, l := range []*kafkastore.Log{one, two} {
		known, err := l.Known(t.Context(), []engagement.EventID{"1", "2", "7"})
		require.NoError(t, err)
		require.Equal(t, []bool{false, true, true}, known)
	}
	_, err = copier(one, db, "a").Copy(t.Context())
	require.NoError(t, err)
	require.Len(t, all(t, db), 8)
}

// everybodys is a turn that all have at once.
type everybodys struct{}

func (everybodys) Take(context.Context, string, time.Duration) (bool, error) { return true, nil }
func (everybodys) Give(context.Context, string) error                        { return nil }

// Two instances take in what overlaps and copy, each is killed at any moment and begins anew.
func TestCopiesAreExactWhateverIsCutShort(t *testing.T) {
	c, path := broker(t), databases.SQLite(t, "copies.db")
	witness := open(t, c, window(300)) // has read everything from the beginning
	ctx, stop := context.WithCancel(t.Context())
	var working, together sync.WaitGroup
	var restarts atomic.Int64
	for who := range 2 {
		db := reopened(t, path)
		together.Go(func() {
			r := rand.New(rand.NewPCG(uint64(who), 3))
			for ctx.Err() == nil {
				l, err := kafkastore.Open(ctx, kafkastore.Options{Brokers: c.ListenAddrs(), Window: 300, Base: mysqlstore.NewCopies(db).Mark})
				if err != nil {
					continue
				}
				restarts.Add(1)
				copies := copying.NewCopier(l, mysqlstore.NewCopies(db), everybodys{}, "", time.Now)
				for range 1 + r.IntN(20) {
					short, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(30_000))*time.Microsecond)
					_, _ = copies.Copy(short)
					cancel()
				}
				l.Close()
			}
		})
	}
	var acknowledged sync.Map
	for who := range 2 {
		l := open(t, c, window(300), basedOn(reopened(t, path)))
		working.Go(func() {
			r := rand.New(rand.NewPCG(uint64(who), 5))
			for n := range 200 {
				batch := likes(n*3, n*3+1+r.IntN(6))
				_, err := l.Append(t.Context(), batch, noon.Add(time.Duration(n)*time.Millisecond))
				assert.NoError(t, err)
				for _, e := range batch {
					acknowledged.Store(e.ID, true)
				}
			}
		})
	}
	working.Wait()
	require.Eventually(t, func() bool { return restarts.Load() > 20 }, time.Minute, time.Millisecond)
	stop()
	together.Wait()

	db := reopened(t, path)
	last := open(t, c, window(300), basedOn(db))
	_, err := copier(last, db, "last").Copy(t.Context())
	require.NoError(t, err)
	head, err := witness.Head(t.Context())
	require.NoError(t, err)
	stored := all(t, db)
	once := map[engagement.EventID]bool{}
	for _, e := range stored {
		require.False(t, once[e.ID])
		once[e.ID] = true
	}
	at, err := last.Head(t.Context())
	require.NoError(t, err)
	require.Equal(t, head, at, "who began in the middle counts as who read everything")
	mark, err := mysqlstore.NewCopies(db).Mark(t.Context())
	require.NoError(t, err)
	require.Equal(t, head, mark.Offset)
	acknowledged.Range(func(id, _ any) bool {
		require.True(t, once[id.(engagement.EventID)], "event %s was acknowledged and is not there", id)
		return true
	})
}

func TestRecordsThatWentBeforeTheyWereCopiedAreToldOf(t *testing.T) {
	c, db := broker(t), database(t)
	l := open(t, c, basedOn(db))
	for n := range 5 {
		_, err := l.Append(t.Context(), likes(n, n+1), noon)
		require.NoError(t, err)
	}
	var upTo kadm.Offsets
	upTo.AddOffset("freshet-events", 0, 3, -1)
	_, err := kadm.NewClient(plain(t, c)).DeleteRecords(t.Context(), upTo)
	require.NoError(t, err)
	_, err = copier(l, db, "a").Copy(t.Context())
	var lost *fault.Error
	require.ErrorAs(t, err, &lost)
	require.Equal(t, "event_log_lost", lost.Code())
	require.Empty(t, all(t, db))
	_, err = kafkastore.Open(t.Context(), kafkastore.Options{Brokers: c.ListenAddrs(), Base: mysqlstore.NewCopies(db).Mark})
	require.ErrorAs(t, err, &lost)
	require.Equal(t, "event_log_lost", lost.Code())

	other, err := kfake.NewCluster(kfake.NumBrokers(1))
	require.NoError(t, err)
	defer other.Close()
	_, err = kafkastore.Open(t.Context(), kafkastore.Options{Brokers: other.ListenAddrs(), Base: func(context.Context) (copying.Mark, error) {
		return copying.Mark{Record: 1}, nil
	}})
	require.ErrorAs(t, err, &lost)
	require.Equal(t, "event_log_other", lost.Code())
}

// Instances are switched over one after the other: some store what they take in by themselves still.
func TestWhatIsStoredPastTheTopicMeanwhileComesBetween(t *testing.T) {
	c, db := broker(t), database(t)
	l, past := open(t, c, basedOn(db)), mysqlstore.NewEventLog(db)
	copies := copier(l, db, "a")
	for n := range 20 {
		_, err := l.Append(t.Context(), likes(n*10, n*10+5), noon)
		require.NoError(t, err)
		_, err = past.Append(t.Context(), likes(n*10+3, n*10+10), noon) // of which the topic has some
		require.NoError(t, err)
		if n%3 == 0 {
			_, err = copies.Copy(t.Context())
			require.NoError(t, err)
		}
	}
	_, err := copies.Copy(t.Context())
	require.NoError(t, err)
	require.NoError(t, copies.Settle(t.Context(), time.Second))
	stored := all(t, db)
	once := map[engagement.EventID]bool{}
	for i, e := range stored {
		once[e.ID] = true
		require.True(t, i == 0 || stored[i-1].Offset < e.Offset)
	}
	require.Len(t, once, 200)
	require.Len(t, stored, 200)
}
