package mysqlstore_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/domain/feed"
)

var dawn = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// history is a repeatable random past of a few viewers.
func history(n int) []engagement.Event {
	r := rand.New(rand.NewPCG(7, 7))
	acts := audience.Acts()
	events := make([]engagement.Event, n)
	for i := range events {
		events[i] = engagement.Event{
			ID: engagement.EventID(fmt.Sprint(i)), Viewer: audience.ViewerID("vVw"[r.IntN(3):][:1]), Act: acts[r.IntN(len(acts))],
			Item: catalog.ItemID(fmt.Sprint("i", r.IntN(8))), At: dawn, Session: fmt.Sprint(r.IntN(4)), Watched: time.Duration(r.IntN(1000)) * time.Millisecond,
		}
	}
	return events
}

func without(events []engagement.Event, viewer audience.ViewerID) []engagement.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e engagement.Event) bool { return e.Viewer == viewer })
}

func items(n int) []catalog.ItemID {
	ids := make([]catalog.ItemID, n)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprint("i", i))
	}
	return ids
}

func TestAfterErasureTheCountsAreThoseOfTheLogThatRemains(t *testing.T) {
	for name, tallied := range map[string]int{"all tallied": 3000, "part tallied": 1700, "nothing tallied": 0} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, open opener) {
				db, _ := open(t)
				log, tally := mysqlstore.NewEventLog(db), mysqlstore.NewTally(db)
				events := history(3000)
				_, err := log.Append(t.Context(), events, dawn)
				require.NoError(t, err)
				if tallied > 0 {
					_, _, err = tally.Advance(t.Context(), tallied)
					require.NoError(t, err)
				}
				follower, cursor := follow(t, tally, map[catalog.ItemID]engagement.Counts{}, "")

				_, err = mysqlstore.NewDossier(db).Erase(t.Context(), "v")
				require.NoError(t, err)
				_, _, err = tally.Advance(t.Context(), 10_000)
				require.NoError(t, err)

				want := engagementtest.Counted(without(events, "v"))
				got, err := tally.Counts(t.Context(), items(8))
				require.NoError(t, err)
				require.Equal(t, want, got)
				follower, _ = follow(t, tally, follower, cursor)
				require.Equal(t, want, follower, "what other instances were told")
			})
		})
	}
}

func follow(t *testing.T, tally *mysqlstore.Tally, into map[catalog.ItemID]engagement.Counts, cursor string) (map[catalog.ItemID]engagement.Counts, string) {
	t.Helper()
	for {
		some, next, err := tally.Changed(t.Context(), cursor, 3)
		require.NoError(t, err)
		maps.Copy(into, some)
		if cursor = next; len(some) == 0 {
			return into, cursor
		}
	}
}

func TestErasureLeavesNoTraceAndSaysWhatItRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		dossier := mysqlstore.NewDossier(db)
		for _, viewer := range []audience.ViewerID{"v", "V", "v "} {
			everythingOf(t, db, viewer)
		}
		removed, err := dossier.Erase(t.Context(), "v")
		require.NoError(t, err)
		receipt := map[string]int64{}
		for _, part := range removed {
			require.Equal(t, "sql", part.Store)
			receipt[part.What] = part.Count
		}
		require.Equal(t, map[string]int64{
			"events": 4, "pruned_reactions": 0, "reactions": 1, "counted_plays": 1, "plays": 1, "ties": 1, "decisions": 2, "viewers": 1, "pages": 2, "sessions": 1, "repairs": 1,
		}, receipt)

		require.Empty(t, export(t, dossier, "v"))
		require.Len(t, export(t, dossier, "V"), 8)
		require.Len(t, export(t, dossier, "v "), 8)
		stands, err := mysqlstore.NewTally(db).Favorited(t.Context(), "v", []catalog.ItemID{"liked"})
		require.NoError(t, err)
		require.False(t, stands["liked"])
		pending, err := mysqlstore.NewRepairs(db).Pending(t.Context(), 10)
		require.NoError(t, err)
		require.ElementsMatch(t, []audience.ViewerID{"V", "v "}, pending)

		again, err := dossier.Erase(t.Context(), "v")
		require.NoError(t, err)
		for _, part := range again {
			require.Zero(t, part.Count, part.What)
		}
	})
}

func everythingOf(t *testing.T, db *mysqlstore.DB, viewer audience.ViewerID) {
	t.Helper()
	at := func(n int) time.Time { return dawn.Add(time.Duration(n) * time.Minute) }
	event := func(n int, act audience.Act, item catalog.ItemID, watched time.Duration) engagement.Event {
		return engagement.Event{ID: engagement.EventID(fmt.Sprint(viewer, "-", n)), Viewer: viewer, Act: act, Item: item, At: at(n), Session: "s", Watched: watched}
	}
	for _, batch := range [][]engagement.Event{
		{event(1, audience.Like, "liked", 0), event(2, audience.PlayProgress, "played", 9*time.Second)},
		{event(3, audience.PlayProgress, "played", 4*time.Second), event(4, audience.Share, "liked", 0)},
	} {
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), batch, dawn)
		require.NoError(t, err)
	}
	_, _, err := mysqlstore.NewTally(db).Advance(t.Context(), 100)
	require.NoError(t, err)
	require.NoError(t, mysqlstore.NewViewers(db).Update(t.Context(), viewer, func(v *audience.Viewer) error {
		return errors.Join(v.Follow("a", at(1)),
			v.Steer(audience.Target{Kind: audience.OnTag, ID: "x"}, audience.Less, at(2)),
			v.Steer(audience.Target{Kind: audience.OnItem, ID: "x"}, audience.More, at(3)))
	}))
	visit := feed.Visit{ID: feed.SessionID("s-" + viewer), Viewer: viewer, StartedAt: dawn, ExpiresAt: at(60)}
	require.NoError(t, mysqlstore.NewArchive(db).Keep(t.Context(), []feed.Exposure{
		{Visit: visit, Page: feed.Page{Number: 1, ServedAt: at(1)}}, {Visit: visit, Page: feed.Page{Number: 2, ServedAt: at(2)}},
	}))
	require.NoError(t, mysqlstore.NewRepairs(db).Mark(t.Context(), []audience.ViewerID{viewer}))
}

func export(t *testing.T, dossier *mysqlstore.Dossier, viewer audience.ViewerID) []any {
	t.Helper()
	var all []any
	require.NoError(t, dossier.Export(t.Context(), viewer, func(record any) error {
		all = append(all, record)
		return nil
	}))
	return all
}

func TestExportHandsOutEverything(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		dossier := mysqlstore.NewDossier(db)
		everythingOf(t, db, "v")
		everythingOf(t, db, "other")
		var events []engagement.Logged
		kinds := map[string]int{}
		for _, record := range export(t, dossier, "v") {
			kinds[fmt.Sprintf("%T", record)]++
			if e, ok := record.(engagement.Logged); ok {
				events = append(events, e)
			}
		}
		require.Equal(t, map[string]int{"engagement.Logged": 3, "audience.Tie": 1, "audience.Decision": 2, "feed.Exposure": 2}, kinds)
		require.Equal(t, engagement.EventID("v-3"), events[1].ID, "of a play's reports the last")
		require.Equal(t, 9*time.Second, events[1].Watched, "with the most that was watched")

		enough := errors.New("enough")
		calls := 0
		err := dossier.Export(t.Context(), "v", func(any) error { calls++; return enough })
		require.ErrorIs(t, err, enough)
		require.Equal(t, 1, calls)
	})
}

func TestExportOfALongHistoryIsWhole(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		var events []engagement.Event
		for i := range 1700 {
			events = append(events, engagement.Event{ID: engagement.EventID(fmt.Sprint(i)), Viewer: "v", Act: audience.Like, Item: "i", At: dawn})
		}
		_, err := mysqlstore.NewEventLog(db).Append(t.Context(), events, dawn)
		require.NoError(t, err)
		all := export(t, mysqlstore.NewDossier(db), "v")
		require.Len(t, all, len(events))
		for i, record := range all {
			require.Equal(t, events[i], record.(engagement.Logged).Event)
		}
	})
}

func TestErasureBesideNewEventsKeepsTheCountsRight(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		events := history(1500)
		_, err := mysqlstore.NewEventLog(a).Append(t.Context(), events[:700], dawn)
		require.NoError(t, err)
		var all sync.WaitGroup
		all.Go(func() {
			for batch := range slices.Chunk(events[700:], 50) {
				if _, err := mysqlstore.NewEventLog(b).Append(t.Context(), batch, dawn); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 30 {
				if _, _, err := mysqlstore.NewTally(b).Advance(t.Context(), 60); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 4 {
				if _, err := mysqlstore.NewDossier(a).Erase(t.Context(), "v"); err != nil {
					t.Error(err)
				}
			}
		})
		all.Wait()
		_, err = mysqlstore.NewDossier(a).Erase(t.Context(), "v")
		require.NoError(t, err)
		_, _, err = mysqlstore.NewTally(a).Advance(t.Context(), 10_000)
		require.NoError(t, err)
		got, err := mysqlstore.NewTally(a).Counts(t.Context(), items(8))
		require.NoError(t, err)
		require.Equal(t, engagementtest.Counted(without(events, "v")), got)
	})
}
