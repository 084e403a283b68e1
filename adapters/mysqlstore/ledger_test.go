package mysqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/test/databases"
)

var _ recounting.Ledger = (*mysqlstore.Ledger)(nil)

// onEachRaw is onEach, with the database open beside the store too.
func onEachRaw(t *testing.T, test func(t *testing.T, db, other *mysqlstore.DB, raw *sql.DB)) {
	for name, open := range map[string]func(t *testing.T) (mysqlstore.Options, string, string){
		"SQLite": func(t *testing.T) (mysqlstore.Options, string, string) {
			path := databases.SQLite(t, "f.db")
			return mysqlstore.Options{Path: path}, "sqlite", "file:" + path + "?_pragma=busy_timeout(5000)"
		},
		"MySQL": func(t *testing.T) (mysqlstore.Options, string, string) {
			dsn := databases.MySQL(t)
			return mysqlstore.Options{DSN: dsn}, "mysql", dsn
		},
	} {
		t.Run(name, func(t *testing.T) {
			opts, driver, dsn := open(t)
			raw, err := sql.Open(driver, dsn)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, raw.Close()) })
			test(t, opened(t, opts), opened(t, opts), raw)
		})
	}
}

func verified(t *testing.T, db *mysqlstore.DB) *recounting.Report {
	t.Helper()
	r, err := recounting.NewCounts(mysqlstore.NewLedger(db)).Verify(t.Context(), 100)
	require.NoError(t, err)
	return r
}

func rebuilt(t *testing.T, db *mysqlstore.DB) recounting.Mended {
	t.Helper()
	m, err := recounting.NewCounts(mysqlstore.NewLedger(db)).Rebuild(t.Context(), func(recounting.Mended) {})
	require.NoError(t, err)
	return m
}

func counted(t *testing.T, db *mysqlstore.DB) {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		_, n, err = mysqlstore.NewTally(db).Advance(t.Context(), 1000)
		require.NoError(t, err)
	}
	for n := 1; n > 0; {
		var err error
		n, err = mysqlstore.NewFollowers(db).Advance(t.Context(), 1000)
		require.NoError(t, err)
	}
}

func relate(t *testing.T, db *mysqlstore.DB, viewer audience.ViewerID, do func(v *audience.Viewer) error) {
	t.Helper()
	require.NoError(t, mysqlstore.NewViewers(db).Update(t.Context(), viewer, do))
}

func TestVerifyFindsEveryKindOfTamperingAndRebuildMendsIt(t *testing.T) {
	onEachRaw(t, func(t *testing.T, db, _ *mysqlstore.DB, raw *sql.DB) {
		at := func(act audience.Act, viewer audience.ViewerID, id int) engagement.Event {
			return engagement.Event{ID: engagement.EventID(fmt.Sprint(id)), Viewer: viewer, Act: act, Item: "i", At: dawn, Session: "s"}
		}
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), []engagement.Event{
			at(audience.Like, "v", 1), at(audience.Like, "w", 2), at(audience.Favorite, "v", 3), at(audience.Comment, "v", 4), at(audience.Share, "v", 5), at(audience.PlayStart, "v", 6), at(audience.Unlike, "w", 7), at(audience.Like, "w", 8),
		}, dawn)
		require.NoError(t, err)
		relate(t, db, "v", func(v *audience.Viewer) error { return v.Follow("a", dawn) })
		relate(t, db, "w", func(v *audience.Viewer) error { return v.Follow("a", dawn) })
		require.Zero(t, verified(t, db).Differences(), "what is not counted yet is no difference")
		counted(t, db)
		require.Zero(t, verified(t, db).Differences())
		require.EqualValues(t, 8, verified(t, db).Offset)
		follower, cursor := follow(t, mysqlstore.NewTally(db), map[catalog.ItemID]engagement.Counts{}, "")
		right := maps.Clone(follower)
		for _, c := range []struct {
			tamper string
			want   []recounting.Difference
		}{
			{"UPDATE item_counts SET likes = 7", []recounting.Difference{{Kind: recounting.Likes, Of: "i", Stored: 7, Counted: 2}}},
			{"UPDATE item_counts SET favorites = 0", []recounting.Difference{{Kind: recounting.Favorites, Of: "i", Stored: 0, Counted: 1}}},
			{"UPDATE item_counts SET comments = 2", []recounting.Difference{{Kind: recounting.Comments, Of: "i", Stored: 2, Counted: 1}}},
			{"UPDATE item_counts SET shares = -1", []recounting.Difference{{Kind: recounting.Shares, Of: "i", Stored: -1, Counted: 1}}},
			{"UPDATE item_counts SET plays = 3", []recounting.Difference{{Kind: recounting.Plays, Of: "i", Stored: 3, Counted: 1}}},
			{"DELETE FROM reactions WHERE viewer = 'w'", []recounting.Difference{{Kind: recounting.Reactions, Of: "i", Viewer: "w", Stored: 0, Counted: 1}}},
			{"INSERT INTO reactions (viewer, item, kind) VALUES ('zz', 'i', 1)", []recounting.Difference{{Kind: recounting.Reactions, Of: "i", Viewer: "zz", Stored: 1, Counted: 0}}},
			{"DELETE FROM counted_plays", []recounting.Difference{{Kind: recounting.CountedPlays, Of: "i", Viewer: "v", Stored: 0, Counted: 1}}},
			{"INSERT INTO counted_plays (viewer, item, session) VALUES ('v', 'i', '')", []recounting.Difference{{Kind: recounting.CountedPlays, Of: "i", Viewer: "v", Stored: 1, Counted: 0}}},
			{"INSERT INTO item_counts (item, likes, favorites, comments, shares, plays, revision) VALUES ('j', 1, 0, 0, 0, 0, 0)", []recounting.Difference{{Kind: recounting.Likes, Of: "j", Stored: 1, Counted: 0}}},
			{"UPDATE author_counts SET followers = 1", []recounting.Difference{{Kind: recounting.Followers, Of: "a", Stored: 1, Counted: 2}}},
			{"DELETE FROM ties WHERE viewer = 'w'", []recounting.Difference{{Kind: recounting.Followers, Of: "a", Stored: 2, Counted: 1}}},
			{"DELETE FROM item_counts WHERE item = 'i'", []recounting.Difference{
				{Kind: recounting.Likes, Of: "i", Counted: 2}, {Kind: recounting.Favorites, Of: "i", Counted: 1}, {Kind: recounting.Comments, Of: "i", Counted: 1},
				{Kind: recounting.Shares, Of: "i", Counted: 1}, {Kind: recounting.Plays, Of: "i", Counted: 1},
			}},
			{"DELETE FROM events WHERE pos = 4", []recounting.Difference{{Kind: recounting.Comments, Of: "i", Stored: 1, Counted: 0}}},
		} {
			_, err := raw.Exec(c.tamper)
			require.NoError(t, err)
			require.Equal(t, c.want, verified(t, db).Examples, c.tamper)
			m := rebuilt(t, db)
			require.Positive(t, m.Rows+m.Counts, c.tamper)
			require.Zero(t, verified(t, db).Differences(), c.tamper)
			require.Zero(t, rebuilt(t, db), "there is nothing left to mend")
			follower, cursor = follow(t, mysqlstore.NewTally(db), follower, cursor)
		}
		right["i"] = engagement.Counts{Likes: 2, Favorites: 1, Shares: 1, Plays: 1}
		right["j"] = engagement.Counts{}
		require.Equal(t, right, follower, "what instances show")
	})
}

func TestARowAndACountThatWentWrongTogetherAreBothFound(t *testing.T) {
	onEachRaw(t, func(t *testing.T, db, _ *mysqlstore.DB, raw *sql.DB) {
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), []engagement.Event{{ID: "1", Viewer: "v", Act: audience.Like, Item: "i", At: dawn}}, dawn)
		require.NoError(t, err)
		counted(t, db)
		for _, tamper := range []string{"DELETE FROM reactions", "UPDATE item_counts SET likes = 0"} {
			_, err := raw.Exec(tamper)
			require.NoError(t, err)
		}
		require.Equal(t, []recounting.Difference{
			{Kind: recounting.Reactions, Of: "i", Viewer: "v", Counted: 1}, {Kind: recounting.Likes, Of: "i", Counted: 1},
		}, verified(t, db).Examples)
		require.Equal(t, recounting.Mended{Rows: 1, Counts: 1}, rebuilt(t, db))
		require.Zero(t, verified(t, db).Differences())
	})
}

func TestRebuildMendsWhileEventsKeepComingAndAfterItWasCutShort(t *testing.T) {
	onEachRaw(t, func(t *testing.T, db, other *mysqlstore.DB, raw *sql.DB) {
		events := history(9000)
		for i := range events { // many viewers, so that there are many steps
			events[i].Viewer = audience.ViewerID(fmt.Sprint("v", i%97))
		}
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), events[:6000], dawn)
		require.NoError(t, err)
		counted(t, db)
		for _, tamper := range []string{
			"DELETE FROM reactions WHERE viewer < 'v5'", "DELETE FROM counted_plays WHERE viewer > 'v7'",
			"UPDATE item_counts SET likes = 0, comments = comments + 5", "DELETE FROM item_counts WHERE item = 'i3'",
		} {
			_, err := raw.Exec(tamper)
			require.NoError(t, err)
		}
		done := make(chan struct{})
		var beside sync.WaitGroup
		beside.Go(func() {
			defer close(done)
			for some := range slices.Chunk(events[6000:], 30) {
				if _, err := mysqlstore.NewEventLog(other).Append(t.Context(), some, dawn); err != nil {
					t.Error(err)
				}
				if _, _, err := mysqlstore.NewTally(other).Advance(t.Context(), 100); err != nil {
					t.Error(err)
				}
			}
		})
		cuts := 0
		for step := 1; ; step++ { // cut short after ever more steps
			ctx, cancel := context.WithCancel(t.Context())
			left := step
			_, err := recounting.NewCounts(mysqlstore.NewLedger(db)).Rebuild(ctx, func(recounting.Mended) {
				if left--; left == 0 {
					cancel()
				}
			})
			cancel()
			if err == nil && left > 0 {
				break
			}
			cuts++
		}
		require.Greater(t, cuts, 2)
		<-done
		beside.Wait()
		rebuilt(t, db)
		counted(t, db)
		got, err := mysqlstore.NewTally(db).Counts(t.Context(), items(8))
		require.NoError(t, err)
		require.Equal(t, engagementtest.Counted(events), got)
		require.Zero(t, verified(t, db).Differences())
	})
}

func TestOfTwoRebuildsTheLaterOneGoesOn(t *testing.T) {
	onEachRaw(t, func(t *testing.T, db, other *mysqlstore.DB, _ *sql.DB) {
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), history(100), dawn)
		require.NoError(t, err)
		counted(t, db)
		again := false
		_, err = recounting.NewCounts(mysqlstore.NewLedger(db)).Rebuild(t.Context(), func(recounting.Mended) {
			if !again {
				again = true
				rebuilt(t, other)
			}
		})
		require.NoError(t, err, "there was nothing left to write")

		turn, err := mysqlstore.NewLedger(db).Take(t.Context())
		require.NoError(t, err)
		later, err := mysqlstore.NewLedger(other).Take(t.Context())
		require.NoError(t, err)
		_, _, _, err = mysqlstore.NewLedger(db).MendRows(t.Context(), turn, "")
		require.True(t, errors.Is(err, recounting.ErrTakenOver), err)
		_, _, _, err = mysqlstore.NewLedger(other).MendRows(t.Context(), later, "")
		require.NoError(t, err)
	})
}

func TestLagTellsWhatIsNotCountedYet(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		tally := mysqlstore.NewTally(db)
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), history(3), dawn)
		require.NoError(t, err)
		events := []engagement.Event{{ID: "later", Viewer: "v", Act: audience.Seen, Item: "i", At: dawn}}
		_, err = mysqlstore.NewEventLog(db).Append(t.Context(), events, dawn.Add(time.Minute))
		require.NoError(t, err)
		for _, want := range []struct {
			n     int64
			since time.Time
		}{{4, dawn}, {1, dawn.Add(time.Minute)}, {0, time.Time{}}} {
			n, since, err := tally.Lag(t.Context())
			require.NoError(t, err)
			require.Equal(t, want.n, n)
			require.Equal(t, want.since, since)
			_, _, err = tally.Advance(t.Context(), 3)
			require.NoError(t, err)
		}
	})
}
