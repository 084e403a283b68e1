package mysqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/pruning"
	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/databases"
)

var (
	_ pruning.Store = (*mysqlstore.EventLog)(nil)
	_ pruning.Store = (*mysqlstore.Archive)(nil)
)

func prune(t *testing.T, of pruning.Store, before time.Time, limit int) int {
	t.Helper()
	n, err := of.Prune(t.Context(), before, limit)
	require.NoError(t, err)
	return n
}

func appended(t *testing.T, db *mysqlstore.DB, received time.Time, events ...engagement.Event) {
	t.Helper()
	_, err := mysqlstore.NewEventLog(db).Append(t.Context(), events, received)
	require.NoError(t, err)
}

func did(id int, viewer audience.ViewerID, act audience.Act, item catalog.ItemID, session string) engagement.Event {
	return engagement.Event{ID: engagement.EventID(fmt.Sprint(id)), Viewer: viewer, Act: act, Item: item, Session: session, At: dawn}
}

func offsets(t *testing.T, db *mysqlstore.DB) (out []engagement.Offset) {
	t.Helper()
	events, err := mysqlstore.NewEventLog(db).Read(t.Context(), 0, 1000)
	require.NoError(t, err)
	for _, e := range events {
		out = append(out, e.Offset)
	}
	return out
}

func TestEventsArePrunedInOrderAndNotBeforeTheyAreCounted(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, other := open(t)
		log := mysqlstore.NewEventLog(db)
		require.Zero(t, prune(t, log, dawn, 100), "there is nothing")
		for i, late := range []time.Duration{0, 1, 2, 1, 3} { // in seconds; clocks of instances differ
			appended(t, db, dawn.Add(late*time.Second), did(i, "v", audience.Share, "i", ""))
		}
		require.Zero(t, prune(t, log, dawn.Add(time.Hour), 100), "nothing is counted")
		counted(t, db)
		require.Zero(t, prune(t, log, dawn, 100), "received at the moment is not before it")
		require.Equal(t, 2, prune(t, log, dawn.Add(2*time.Second), 100), "the fourth waits for the third, which is too new")
		require.Equal(t, []engagement.Offset{3, 4, 5}, offsets(t, db))
		require.Equal(t, 1, prune(t, mysqlstore.NewEventLog(other), dawn.Add(time.Hour), 1))
		require.Equal(t, 2, prune(t, log, dawn.Add(time.Hour), 100))
		require.Zero(t, prune(t, log, dawn.Add(time.Hour), 100))
		require.Empty(t, offsets(t, db))
		appended(t, db, dawn, did(9, "v", audience.Share, "i", ""))
		require.Equal(t, []engagement.Offset{6}, offsets(t, db), "offsets go on")
		counted(t, db)
		require.Zero(t, verified(t, db).Differences())
		got, err := mysqlstore.NewTally(db).Counts(t.Context(), items(2))
		require.NoError(t, err)
		require.Empty(t, got)
		got, err = mysqlstore.NewTally(db).Counts(t.Context(), []catalog.ItemID{"i"})
		require.NoError(t, err)
		require.Equal(t, engagement.Counts{Shares: 6}, got["i"])
	})
}

func TestWhatWasPrunedIsVerifiedAndMendedToo(t *testing.T) {
	onEachRaw(t, func(t *testing.T, db, _ *mysqlstore.DB, raw *sql.DB) {
		log := mysqlstore.NewEventLog(db)
		appended(t, db, dawn,
			did(1, "v", audience.Like, "i", "s"), did(2, "w", audience.Like, "i", "s"), did(3, "w", audience.Unlike, "i", "s"), did(4, "w", audience.Favorite, "i", "s"),
			did(5, "v", audience.Comment, "i", "s"), did(6, "v", audience.PlayStart, "i", "s"), did(7, "v", audience.PlayStart, "j", "s"))
		appended(t, db, dawn.Add(time.Hour),
			did(8, "w", audience.Unfavorite, "i", "s"), did(9, "v", audience.PlayProgress, "j", "s"), did(10, "x", audience.Like, "i", "s"))
		counted(t, db)
		require.Equal(t, 7, prune(t, log, dawn.Add(time.Minute), 100))
		want := map[catalog.ItemID]engagement.Counts{"i": {Likes: 2, Comments: 1, Plays: 1}, "j": {Plays: 1}}
		for _, c := range []struct {
			tamper string
			want   []recounting.Difference
		}{
			{"UPDATE item_counts SET comments = 5 WHERE item = 'i'", []recounting.Difference{{Kind: recounting.Comments, Of: "i", Stored: 5, Counted: 1}}},
			{"UPDATE item_counts SET plays = 0", []recounting.Difference{{Kind: recounting.Plays, Of: "i", Counted: 1}, {Kind: recounting.Plays, Of: "j", Counted: 1}}},
			{"DELETE FROM reactions WHERE viewer = 'v'", []recounting.Difference{{Kind: recounting.Reactions, Of: "i", Viewer: "v", Counted: 1}}},
			{"INSERT INTO reactions (viewer, item, kind) VALUES ('w', 'i', 1)", []recounting.Difference{{Kind: recounting.Reactions, Of: "i", Viewer: "w", Stored: 1}}},
			{"INSERT INTO reactions (viewer, item, kind) VALUES ('w', 'i', 2)", []recounting.Difference{{Kind: recounting.Reactions, Of: "i", Viewer: "w", Stored: 1}}},
			{"DELETE FROM counted_plays WHERE item = 'j'", []recounting.Difference{{Kind: recounting.CountedPlays, Of: "j", Viewer: "v", Counted: 1}}},
			{"INSERT INTO counted_plays (viewer, item, session) VALUES ('v', 'i', 's')", []recounting.Difference{{Kind: recounting.CountedPlays, Of: "i", Viewer: "v", Stored: 1}}},
		} {
			require.Zero(t, verified(t, db).Differences())
			_, err := raw.Exec(c.tamper)
			require.NoError(t, err)
			require.Equal(t, c.want, verified(t, db).Examples, c.tamper)
			rebuilt(t, db)
			require.Zero(t, verified(t, db).Differences(), c.tamper)
			got, err := mysqlstore.NewTally(db).Counts(t.Context(), []catalog.ItemID{"i", "j"})
			require.NoError(t, err)
			require.Equal(t, want, got, c.tamper)
		}
		require.Equal(t, 3, prune(t, log, dawn.Add(2*time.Hour), 100))
		require.Zero(t, verified(t, db).Differences())
		var plays int
		require.NoError(t, raw.QueryRow("SELECT (SELECT COUNT(*) FROM plays) + (SELECT COUNT(*) FROM counted_plays)").Scan(&plays))
		require.Zero(t, plays, "no event of a play is left")
		appended(t, db, dawn, did(11, "v", audience.PlayStart, "i", "s"), did(12, "v", audience.Unlike, "i", "s"))
		counted(t, db)
		got, err := mysqlstore.NewTally(db).Counts(t.Context(), []catalog.ItemID{"i"})
		require.NoError(t, err)
		require.Equal(t, engagement.Counts{Likes: 1, Comments: 1, Plays: 2}, got["i"], "a like of old can be taken back, a play of old begins anew")
		require.Zero(t, verified(t, db).Differences())
		_, err = mysqlstore.NewDossier(db).Erase(t.Context(), "v")
		require.NoError(t, err)
		_, err = mysqlstore.NewDossier(db).Erase(t.Context(), "x")
		require.NoError(t, err)
		require.Zero(t, verified(t, db).Differences())
		var left int
		require.NoError(t, raw.QueryRow("SELECT COUNT(*) FROM pruned_reactions").Scan(&left))
		require.Zero(t, left)
	})
}

// prunable is a log and its counts in memory, with nothing clever about it.
type prunable struct {
	events  []engagement.Logged // those that are left
	tallied engagement.Offset
	likes   map[[2]string]bool
	plays   map[[3]string]bool
	counts  map[catalog.ItemID]engagement.Counts
}

func (p *prunable) count(item catalog.ItemID, by engagement.Counts) {
	c := p.counts[item]
	c.Likes, c.Shares, c.Plays = c.Likes+by.Likes, c.Shares+by.Shares, c.Plays+by.Plays
	if p.counts[item] = c; c == (engagement.Counts{}) {
		delete(p.counts, item)
	}
}

func playOf(e *engagement.Event) [3]string {
	return [3]string{string(e.Viewer), string(e.Item), e.Session}
}

func (p *prunable) advance(n int) {
	for _, e := range p.events {
		like, play := [2]string{string(e.Viewer), string(e.Item)}, playOf(&e.Event)
		switch {
		case e.Offset <= p.tallied || e.Offset > p.tallied+engagement.Offset(n):
		case e.Act == audience.Share:
			p.count(e.Item, engagement.Counts{Shares: 1})
		case e.Act == audience.Like && !p.likes[like]:
			p.likes[like] = true
			p.count(e.Item, engagement.Counts{Likes: 1})
		case e.Act == audience.Unlike && p.likes[like]:
			delete(p.likes, like)
			p.count(e.Item, engagement.Counts{Likes: -1})
		case (e.Act == audience.PlayStart || e.Act == audience.PlayProgress) && !p.plays[play]:
			p.plays[play] = true
			p.count(e.Item, engagement.Counts{Plays: 1})
		}
	}
	p.tallied += engagement.Offset(n)
}

func (p *prunable) prune(before time.Time, limit int) (n int) {
	for n < min(limit, len(p.events)) && p.events[n].Offset <= p.tallied && p.events[n].Received.Before(before) {
		n++
	}
	p.events = p.events[n:]
	left := map[[3]string]bool{}
	for _, e := range p.events {
		if e.Act == audience.PlayStart || e.Act == audience.PlayProgress {
			left[playOf(&e.Event)] = true
		}
	}
	for play := range p.plays {
		if !left[play] {
			delete(p.plays, play)
		}
	}
	return n
}

func (p *prunable) erase(v audience.ViewerID) {
	p.events = slices.DeleteFunc(p.events, func(e engagement.Logged) bool {
		if e.Viewer == v && e.Act == audience.Share && e.Offset <= p.tallied {
			p.count(e.Item, engagement.Counts{Shares: -1})
		}
		return e.Viewer == v
	})
	for like := range p.likes {
		if like[0] == string(v) {
			delete(p.likes, like)
			p.count(catalog.ItemID(like[1]), engagement.Counts{Likes: -1})
		}
	}
	for play := range p.plays {
		if play[0] == string(v) {
			delete(p.plays, play)
			p.count(catalog.ItemID(play[1]), engagement.Counts{Plays: -1})
		}
	}
}

func TestCountsStayWhatTheyAreWhateverIsPrunedWhen(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, other := open(t)
		r := rand.New(rand.NewPCG(7, 7))
		acts := []audience.Act{audience.Like, audience.Unlike, audience.Share, audience.PlayStart, audience.PlayProgress, audience.Seen}
		want := prunable{likes: map[[2]string]bool{}, plays: map[[3]string]bool{}, counts: map[catalog.ItemID]engagement.Counts{}}
		var head, pruned int
		for round := range 150 {
			now := dawn.Add(time.Duration(round) * time.Minute)
			var some []engagement.Event
			for range 1 + r.IntN(30) {
				head++
				e := did(head, audience.ViewerID(fmt.Sprint("v", r.IntN(6))), acts[r.IntN(len(acts))], catalog.ItemID(fmt.Sprint("i", r.IntN(5))), fmt.Sprint(round/9+r.IntN(2)))
				some = append(some, e)
				want.events = append(want.events, engagement.Logged{Offset: engagement.Offset(head), Received: now, Event: e})
			}
			appended(t, db, now, some...)
			if n := min(r.IntN(60), head-int(want.tallied)); n > 0 {
				_, applied, err := mysqlstore.NewTally(other).Advance(t.Context(), n)
				require.NoError(t, err)
				require.Equal(t, n, applied)
				want.advance(n)
			}
			if r.IntN(2) == 0 {
				before, limit := now.Add(-time.Duration(r.IntN(25))*time.Minute), 1+r.IntN(80)
				n := want.prune(before, limit)
				require.Equal(t, n, prune(t, mysqlstore.NewEventLog(db), before, limit))
				pruned += n
			}
			if r.IntN(40) == 0 {
				v := audience.ViewerID(fmt.Sprint("v", r.IntN(6)))
				_, err := mysqlstore.NewDossier(db).Erase(t.Context(), v)
				require.NoError(t, err)
				want.erase(v)
			}
			got, err := mysqlstore.NewTally(db).Counts(t.Context(), items(5))
			require.NoError(t, err)
			require.Equal(t, want.counts, got, "round %d", round)
			if round%10 == 0 {
				require.Empty(t, verified(t, db).Examples, "round %d", round)
			}
		}
		require.Greater(t, pruned, 500)
		require.Zero(t, rebuilt(t, db))
	})
}

func TestPruningCutShortOrBesideOthersLosesNoCount(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, other := open(t)
		var beside sync.WaitGroup
		var pruned atomic.Int64
		writing, stop := context.WithCancel(t.Context())
		defer stop()
		for _, on := range []*mysqlstore.DB{db, other} {
			beside.Go(func() {
				for i := 0; writing.Err() == nil || i%2 == 1; i++ { // every other one is cut short
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+(1-i%2)*20_000)*time.Millisecond)
					n, err := mysqlstore.NewEventLog(on).Prune(ctx, dawn.Add(time.Hour), 20)
					cancel()
					pruned.Add(int64(n))
					if err != nil && i%2 == 0 {
						t.Error(err)
					}
				}
			})
			beside.Go(func() {
				for writing.Err() == nil {
					if _, _, err := mysqlstore.NewTally(on).Advance(t.Context(), 15); err != nil {
						t.Error(err)
					}
				}
			})
		}
		events := history(1500)
		for i := range events { // few plays, over and over
			events[i].Session = fmt.Sprint(i / 100)
		}
		for some := range slices.Chunk(events, 10) {
			appended(t, db, dawn, some...)
		}
		stop()
		beside.Wait()
		require.Positive(t, pruned.Load())
		counted(t, db)
		require.Empty(t, verified(t, db).Examples)
		for n := 1; n > 0; {
			n = prune(t, mysqlstore.NewEventLog(db), dawn.Add(time.Hour), 100)
		}
		require.Empty(t, verified(t, db).Examples)
		got, err := mysqlstore.NewTally(db).Counts(t.Context(), items(8))
		require.NoError(t, err)
		for item, want := range engagementtest.Counted(events) {
			want.Plays = got[item].Plays // those that went on after they had been pruned count again
			require.Equal(t, want, got[item])
		}
	})
}

func TestAPlayThatGoesOnWhileItIsPrunedStays(t *testing.T) {
	dsn := databases.MySQL(t)
	db := opened(t, mysqlstore.Options{DSN: dsn})
	raw, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	appended(t, db, dawn, did(1, "v", audience.PlayStart, "i", "s"))
	counted(t, db)
	tx, err := raw.Begin()
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	for _, goesOn := range []string{
		"UPDATE log_heads SET head = 2 WHERE name = 'events'",
		"INSERT INTO events SELECT 2, '2', viewer, act, item, author, at, session, context, watched_ms, duration_ms, auto_presented, received_at + 9000000 FROM events",
		"UPDATE plays SET last_pos = 2",
	} {
		_, err := tx.Exec(goesOn)
		require.NoError(t, err)
	}
	pruned := make(chan int)
	go func() {
		n, err := mysqlstore.NewEventLog(db).Prune(t.Context(), dawn.Add(time.Hour), 10)
		if err != nil {
			t.Error(err)
		}
		pruned <- n
	}()
	require.Eventually(t, func() bool {
		var waiting int
		err := raw.QueryRow("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND time >= 1 AND info LIKE '% plays %' AND info NOT LIKE '%processlist%'").Scan(&waiting)
		return err == nil && waiting > 0
	}, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, <-pruned)
	counted(t, db)
	require.Empty(t, verified(t, db).Examples)
	got, err := mysqlstore.NewTally(db).Counts(t.Context(), []catalog.ItemID{"i"})
	require.NoError(t, err)
	require.EqualValues(t, 1, got["i"].Plays)
}

func TestPagesArePrunedByWhenTheyWereServedAndSessionsWithTheirLast(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		archive := mysqlstore.NewArchive(db)
		var exposures []feed.Exposure
		for i, minutes := range []int{0, 5, 1, 30} {
			session := feed.SessionID([]string{"a", "a", "b", "b"}[i])
			exposures = append(exposures, feed.Exposure{
				Visit: feed.Visit{ID: session, Viewer: "v", StartedAt: dawn},
				Page:  feed.Page{Number: 1 + i%2, ServedAt: dawn.Add(time.Duration(minutes) * time.Minute)},
			})
		}
		require.NoError(t, archive.Keep(t.Context(), exposures))
		require.Zero(t, prune(t, archive, dawn, 10))
		require.Equal(t, 2, prune(t, archive, dawn.Add(10*time.Minute), 2))
		_, pages, err := archive.Session(t.Context(), "a")
		require.NoError(t, err)
		require.Len(t, pages, 1)
		require.Equal(t, 1, prune(t, archive, dawn.Add(10*time.Minute), 10))
		_, _, err = archive.Session(t.Context(), "a")
		require.ErrorIs(t, err, feed.ErrSessionNotFound)
		_, pages, err = archive.Session(t.Context(), "b")
		require.NoError(t, err)
		require.Len(t, pages, 1)
		require.Equal(t, 2, pages[0].Number)
		require.Zero(t, prune(t, archive, dawn.Add(10*time.Minute), 10))
	})
}
