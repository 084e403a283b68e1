package mysqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/test/servers"
)

// stormViewers, stormItems: few, so that everything is taken back often.
const stormViewers, stormItems = 12, 6

// storm has two instances take events and follows, count, and fail at any statement, for so many rounds each;
// disturb runs beside them until they are done.
func storm(t *testing.T, a, b *mysqlstore.DB, rounds int, disturb func(ctx context.Context)) {
	ctx, done := context.WithCancel(t.Context())
	var disturbing, working sync.WaitGroup
	disturbing.Go(func() { disturb(ctx) })
	var failed, counted atomic.Int64
	for who, db := range []*mysqlstore.DB{a, b} {
		r := rand.New(rand.NewPCG(uint64(who), 29))
		acts := audience.Acts()
		cut := func(do func(ctx context.Context) error) bool { // often before it is through
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if r.IntN(4) == 0 {
				time.AfterFunc(time.Duration(r.IntN(6000))*time.Microsecond, cancel)
			}
			err := do(ctx)
			if err != nil {
				failed.Add(1)
			}
			return err == nil
		}
		working.Go(func() {
			for round := range rounds {
				events := make([]engagement.Event, 20)
				for i := range events {
					events[i] = engagement.Event{
						ID: engagement.EventID(fmt.Sprint(who, "-", round, "-", i)), Viewer: audience.ViewerID(fmt.Sprint("v", r.IntN(stormViewers))),
						Act: acts[r.IntN(len(acts))], Item: catalog.ItemID(fmt.Sprint("i", r.IntN(stormItems))), At: dawn, Session: fmt.Sprint(r.IntN(3)),
					}
				}
				for !cut(func(ctx context.Context) error {
					_, err := mysqlstore.NewEventLog(db).Append(ctx, events, dawn)
					return err
				}) {
				}
				viewer, author := audience.ViewerID(fmt.Sprint("v", r.IntN(stormViewers))), catalog.AuthorID(fmt.Sprint("a", r.IntN(3)))
				follows := r.IntN(2) == 0
				cut(func(ctx context.Context) error {
					return mysqlstore.NewViewers(db).Update(ctx, viewer, func(v *audience.Viewer) error {
						if follows {
							return v.Follow(author, dawn)
						}
						v.Drop(audience.Follows, author, dawn)
						return nil
					})
				})
				cut(func(ctx context.Context) error {
					_, n, err := mysqlstore.NewTally(db).Advance(ctx, 1+r.IntN(60))
					counted.Add(int64(n))
					return err
				})
				cut(func(ctx context.Context) error {
					_, err := mysqlstore.NewFollowers(db).Advance(ctx, 1+r.IntN(10))
					return err
				})
			}
		})
	}
	working.Wait()
	done()
	disturbing.Wait()
	require.Positive(t, failed.Load(), "nothing was cut short")
	require.Positive(t, counted.Load())
}

// exact counts what is left and compares with a recount of the log and of what viewers decided.
func exact(t *testing.T, db *mysqlstore.DB) {
	t.Helper()
	counted(t, db)
	logged, err := mysqlstore.NewEventLog(db).Read(t.Context(), 0, 1_000_000)
	require.NoError(t, err)
	events := make([]engagement.Event, len(logged))
	for i := range logged {
		events[i] = logged[i].Event
	}
	got, err := mysqlstore.NewTally(db).Counts(t.Context(), items(stormItems))
	require.NoError(t, err)
	require.Equal(t, engagementtest.Counted(events), got)

	want := map[catalog.AuthorID]int64{}
	for i := range stormViewers {
		v, err := mysqlstore.NewViewers(db).Find(t.Context(), audience.ViewerID(fmt.Sprint("v", i)))
		require.NoError(t, err)
		for _, tie := range v.Ties(audience.Follows) {
			want[tie.Author]++
		}
	}
	followers, err := mysqlstore.NewFollowers(db).Followers(t.Context(), []catalog.AuthorID{"a0", "a1", "a2"})
	require.NoError(t, err)
	require.Equal(t, want, followers)
	require.Zero(t, verified(t, db).Differences())
}

func TestCountsAreExactWhateverIsCutShort(t *testing.T) {
	onEachRaw(t, func(t *testing.T, a, b *mysqlstore.DB, raw *sql.DB) {
		storm(t, a, b, 60, func(ctx context.Context) {
			for strings.HasSuffix(t.Name(), "MySQL") && ctx.Err() == nil {
				killConnection(raw)
				time.Sleep(15 * time.Millisecond)
			}
		})
		exact(t, a)
	})
}

// killConnection ends some connection to the database but the own one, wherever its transaction is.
func killConnection(raw *sql.DB) {
	var id int64
	err := raw.QueryRow("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() ORDER BY RAND() LIMIT 1").Scan(&id)
	if err == nil {
		_, _ = raw.Exec(fmt.Sprintf("KILL CONNECTION %d", id))
	}
}

func TestCountsAreExactAfterTheServerWasKilled(t *testing.T) {
	server := servers.StartMySQL(t)
	opts := mysqlstore.Options{DSN: newDatabase(t, server)}
	a, b := migrated(t, opts), opened(t, opts)
	kills := 0
	storm(t, a, b, 150, func(ctx context.Context) {
		for ctx.Err() == nil && kills < 4 {
			select {
			case <-ctx.Done():
			case <-time.After(400 * time.Millisecond):
				server.Kill()
				server.Restart()
				kills++
			}
		}
	})
	require.Positive(t, kills)
	exact(t, a)
}
