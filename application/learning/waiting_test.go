package learning_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// arrives puts the item into the index.
func (s *school) arrives(n int) {
	s.index.Apply([]catalog.Snapshot{{ID: itemOf(n), Number: catalog.Number(n + 1), Version: 1, State: catalog.Published,
		Details: catalog.Details{Author: catalog.AuthorID(fmt.Sprint("a", n%5)), Tags: []string{fmt.Sprint("t", n%4)}, PublishedAt: dawn.Add(-time.Duration(n) * time.Hour)}}})
}

func (s *school) admit(t require.TestingT) int {
	n, err := s.room.Admit(ctx)
	require.NoError(t, err)
	return n
}

// known is what was learned of one item by itself.
type known struct {
	fame  recommend.Fame
	trial recommend.Trial
}

// counts are what is known of items, by id.
func (s *school) counts(items int, at time.Time) map[catalog.ItemID]known {
	all := map[catalog.ItemID]known{}
	for n := range items {
		ord := []recommend.Ordinal{0}
		s.index.View().Locate([]catalog.ItemID{itemOf(n)}, ord)
		if ord[0] == recommend.Nowhere {
			continue
		}
		fame, trial := make([]recommend.Fame, 1), make([]recommend.Trial, 1)
		s.model.Fame(ord, at, fame)
		s.model.Trials(ord, trial)
		all[itemOf(n)] = known{fame[0], trial[0]}
	}
	return all
}

// signals are all that is known, with items named by id.
func (s *school) signals(items int, at time.Time) map[string]any {
	all := map[string]any{}
	view := s.index.View()
	ids := func(ords []recommend.Ordinal) (ids []catalog.ItemID) {
		snaps := make([]*catalog.Snapshot, len(ords))
		view.Items(ords, snaps)
		for _, snap := range snaps {
			ids = append(ids, snap.ID)
		}
		return ids
	}
	ords := make([]recommend.Ordinal, 100)
	all["trending"] = ids(ords[:s.model.Trending(recommend.Everything, at, 0, ords)])
	for id, k := range s.counts(items, at) {
		ord, popular := []recommend.Ordinal{0}, make([]float32, 1)
		view.Locate([]catalog.ItemID{id}, ord)
		s.model.Popularity(ord, at, popular)
		links := map[catalog.ItemID]float32{}
		for _, l := range s.model.After(ord, 100, nil) {
			links[ids([]recommend.Ordinal{l.To})[0]] = l.Strength
		}
		all[string(id)] = []any{k, popular[0], links}
	}
	return all
}

const shelfItems = 15 // fewer than what is remembered of one viewer

// story draws a log, and after which of its events which items arrive; items that are not named are there from the start.
func story(t *rapid.T) (log []engagement.Logged, arrivals map[int][]int, absent map[int]bool) {
	log = stream(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 200).Draw(t, "events"), 10, shelfItems-1)
	absent, arrivals = map[int]bool{}, map[int][]int{}
	for n := range shelfItems {
		if rapid.Bool().Draw(t, "late") {
			absent[n] = true
			at := rapid.IntRange(0, len(log)).Draw(t, "arrives")
			arrivals[at] = append(arrivals[at], n)
		}
	}
	return log, arrivals, absent
}

// tells plays a story to a school, and returns the events in the order in which they could be learned.
func tells(t require.TestingT, s *school, log []engagement.Logged, arrivals map[int][]int, absent map[int]bool) (order []engagement.Logged) {
	absent = maps.Clone(absent)
	var waiting []engagement.Logged
	for i := 0; ; i++ {
		late := map[catalog.ItemID]bool{}
		for _, n := range arrivals[i] {
			s.arrives(n)
			late[itemOf(n)] = true
			delete(absent, n)
		}
		var rest []engagement.Logged
		for _, e := range waiting {
			if late[e.Item] {
				order = append(order, e)
			} else {
				rest = append(rest, e)
			}
		}
		require.Equal(t, len(waiting)-len(rest), s.admit(t))
		if waiting = rest; i == len(log) {
			return order
		}
		s.room.Learn(log[i : i+1])
		require.EqualValues(t, i+1, s.room.Model())
		var n int
		_, err := fmt.Sscanf(string(log[i].Item), "item-%d", &n)
		require.NoError(t, err)
		if absent[n] {
			waiting = append(waiting, log[i])
		} else {
			order = append(order, log[i])
		}
	}
}

// withOnly is a school whose index holds the items but for some.
func withOnly(t require.TestingT, absent map[int]bool, most int) *school {
	s := newSchool(t, 0, learning.StudentOptions{})
	for n := range shelfItems {
		if !absent[n] {
			s.arrives(n)
		}
	}
	s.room = learning.NewWaitingRoom(s.student, s.index, most)
	return s
}

func TestWhatWaitedIsLearnedInTheOrderInWhichItCouldBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, arrivals, absent := story(t)
		s := withOnly(t, absent, 10_000)
		order := tells(t, s, log, arrivals, absent)
		require.Len(t, order, len(log), "in the end all is learned")
		first := withOnly(t, nil, 0)
		for i := range order {
			order[i].Offset = engagement.Offset(i + 1)
		}
		first.model.Learn(order)
		end := log[len(log)-1].Received.Add(time.Hour)
		require.Equal(t, first.signals(shelfItems, end), s.signals(shelfItems, end))
	})
}

func TestHowPopularAndHowGoodItemsAreDoesNotDependOnWhenTheyCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, arrivals, absent := story(t)
		s := withOnly(t, absent, 10_000)
		tells(t, s, log, arrivals, absent)
		first := withOnly(t, nil, 0)
		first.student.Learn(log)
		end := log[len(log)-1].Received.Add(time.Hour)
		want, got := first.counts(shelfItems, end), s.counts(shelfItems, end)
		for id, w := range want {
			g := got[id]
			require.Equal(t, w.fame.Known, g.fame.Known, id)
			require.InDelta(t, w.fame.Ever, g.fame.Ever, 1e-4, id)
			for i := range w.fame.Recent {
				require.InDelta(t, w.fame.Recent[i], g.fame.Recent[i], 1e-3, id)
			}
			require.InDelta(t, w.trial.Met, g.trial.Met, 1e-3, id)
			require.InDelta(t, w.trial.Liked, g.trial.Liked, 1e-3, id)
		}
	})
}

func TestEventsFirstAndTheCatalogueAfterGivesTheSameSignals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := stream(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 200).Draw(t, "events"), 10, shelfItems-1)
		none := map[int]bool{}
		for n := range shelfItems {
			none[n] = true
		}
		s, first := withOnly(t, none, 10_000), withOnly(t, nil, 0)
		s.room.Learn(log)
		for n := range shelfItems {
			s.arrives(n)
		}
		require.Equal(t, len(log), s.admit(t))
		first.student.Learn(log)
		end := log[len(log)-1].Received.Add(time.Hour)
		require.Equal(t, first.signals(shelfItems, end), s.signals(shelfItems, end))
	})
}

func TestTheItemsOwnNextEventFindsItThere(t *testing.T) {
	s := withOnly(t, map[int]bool{1: true}, 10)
	s.room.Learn([]engagement.Logged{did(1, "a", audience.Like, 1, dawn)})
	s.arrives(1)
	s.room.Learn([]engagement.Logged{did(2, "b", audience.Like, 1, dawn.Add(time.Minute))})
	require.Equal(t, learning.WaitingStats{Late: 1}, s.room.Stats())
	require.EqualValues(t, 2, s.counts(shelfItems, dawn.Add(time.Minute))[itemOf(1)].fame.Ever)
	require.Zero(t, s.admit(t))
	require.EqualValues(t, 2, s.room.Model(), "as far as the log, and not farther")
	require.EqualValues(t, 2, s.model.Model(), "as pages tell it")
	s.room.Learn([]engagement.Logged{did(1, "a", audience.Like, 1, dawn), did(2, "b", audience.Like, 1, dawn)})
	require.EqualValues(t, 2, s.counts(shelfItems, dawn.Add(time.Minute))[itemOf(1)].fame.Ever, "what was learned is not learned again")
	s.room.Learn([]engagement.Logged{did(3, "c", audience.Like, 1, dawn.Add(time.Minute))})
	require.EqualValues(t, 3, s.counts(shelfItems, dawn.Add(time.Minute))[itemOf(1)].fame.Ever)
}

func TestTheOldestMakeRoomAndOneViewerFillsATwentieth(t *testing.T) {
	s := newSchool(t, 0, learning.StudentOptions{})
	s.room = learning.NewWaitingRoom(s.student, s.index, 40)
	for i := range 50 { // events 1 to 50, of 50 viewers, each on an item of its own
		s.room.Learn([]engagement.Logged{did(i+1, fmt.Sprint("v", i), audience.Like, i, dawn)})
	}
	require.Equal(t, learning.WaitingStats{Waiting: 40, Dropped: 10}, s.room.Stats())
	for i := range 5 {
		s.room.Learn([]engagement.Logged{did(51+i, "bot", audience.Like, 100+i, dawn)})
	}
	require.Equal(t, learning.WaitingStats{Waiting: 40, Dropped: 15}, s.room.Stats(), "two of the five wait")
	for n := range 200 {
		s.arrives(n)
	}
	require.Equal(t, 40, s.admit(t))
	learned := 0
	for n := range 200 {
		if s.counts(200, dawn)[itemOf(n)].fame.Ever > 0 {
			learned++
			require.True(t, n >= 12 && n < 50 || n == 100 || n == 101, n)
		}
	}
	require.Equal(t, 40, learned)
}

func TestWithoutAWaitingRoomEventsOnUnknownItemsAreDropped(t *testing.T) {
	s := withOnly(t, map[int]bool{1: true}, 0)
	s.room.Learn([]engagement.Logged{did(1, "a", audience.Like, 1, dawn), did(2, "a", audience.Like, 2, dawn)})
	s.arrives(1)
	require.Zero(t, s.admit(t))
	require.EqualValues(t, 1, s.model.Stats().Unknown)
	require.EqualValues(t, 1, s.model.Stats().Learned)
	require.Zero(t, s.room.Stats())
}

func TestWhatWaitsIsThereAfterARestart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, arrivals, absent := story(t)
		stop := rapid.IntRange(0, len(log)).Draw(t, "stop")
		never := withOnly(t, absent, 10_000)
		tells(t, never, log, arrivals, absent)

		one := withOnly(t, absent, 10_000)
		before := map[int][]int{}
		for at, items := range arrivals {
			if at <= stop {
				before[at] = items
			}
		}
		tells(t, one, log[:stop], before, absent)
		var d drawer
		kept := &shelfLog{events: log}
		_, err := one.notebook(&d, kept, nil).Save(ctx)
		require.NoError(t, err)
		there := maps.Clone(absent)
		for _, items := range before {
			for _, n := range items {
				delete(there, n)
			}
		}
		two := withOnly(t, there, 10_000)
		if stop > 0 {
			require.NoError(t, two.notebook(&d, kept, func(err error) { require.NoError(t, err) }).Restore(ctx))
		}
		require.Equal(t, one.room.Stats(), two.room.Stats())
		require.Equal(t, one.room.Model(), two.room.Model())
		for i := stop; i <= len(log); i++ {
			if i > stop {
				for _, n := range arrivals[i] {
					two.arrives(n)
				}
				two.admit(t)
			}
			if i < len(log) {
				two.room.Learn(log[i : i+1])
			}
		}
		end := log[len(log)-1].Received.Add(time.Hour)
		require.Equal(t, never.signals(shelfItems, end), two.signals(shelfItems, end))
		require.Equal(t, never.room.Stats(), two.room.Stats())
		require.Equal(t, never.student.Stats(), two.student.Stats())
	})
}

func TestASmallerRoomTakesTheNewestOfASnapshot(t *testing.T) {
	one := newSchool(t, 0, learning.StudentOptions{})
	var events []engagement.Logged
	for i := range 30 {
		events = append(events, did(i+1, fmt.Sprint("v", i), audience.Like, i, dawn))
	}
	one.room.Learn(events)
	var d drawer
	_, err := one.notebook(&d, &shelfLog{}, nil).Save(ctx)
	require.NoError(t, err)
	for most, waits := range map[int]int{100: 30, 20: 20, 0: 0} {
		two := newSchool(t, 0, learning.StudentOptions{})
		two.room = learning.NewWaitingRoom(two.student, two.index, most)
		require.NoError(t, two.notebook(&d, &shelfLog{events: events}, func(err error) { t.Error(err) }).Restore(ctx))
		require.Equal(t, learning.WaitingStats{Waiting: waits, Dropped: uint64(30 - waits)}, two.room.Stats())
	}
}

func TestErasingEmptiesTheChair(t *testing.T) {
	s := withOnly(t, map[int]bool{1: true}, 100)
	s.room.Learn([]engagement.Logged{did(1, "goes", audience.Like, 1, dawn), did(2, "stays", audience.Like, 1, dawn)})
	var d drawer
	notebook := s.notebook(&d, &shelfLog{}, nil)
	_, err := notebook.Save(ctx)
	require.NoError(t, err)
	removed, err := notebook.Erase(ctx, "goes")
	require.NoError(t, err)
	require.EqualValues(t, 1, removed[0].Count)
	require.Nil(t, d.held)
	require.Equal(t, 1, s.room.Stats().Waiting)
	s.arrives(1)
	require.Equal(t, 1, s.admit(t))
	require.EqualValues(t, 1, s.counts(shelfItems, dawn)[itemOf(1)].fame.Ever)
}

func TestALateActIsRememberedAmongThoseOfItsTime(t *testing.T) {
	s, d := withOnly(t, map[int]bool{1: true}, 0), &diary{}
	student := learning.NewStudent(s.model, s.model, s.index, worth, learning.StudentOptions{}, d)
	room := learning.NewWaitingRoom(student, s.index, 100)
	at := func(n int) time.Time { return dawn.Add(time.Duration(n) * time.Minute) }
	room.Learn([]engagement.Logged{
		did(1, "other", audience.Seen, 5, at(0)), did(2, "v", audience.Like, 2, at(1)), did(3, "v", audience.Like, 1, at(2)), did(4, "v", audience.Like, 3, at(3)),
	})
	s.arrives(1)
	_, err := room.Admit(ctx)
	require.NoError(t, err)
	require.Empty(t, d.asked, "nothing is studied of what came late")
	room.Learn([]engagement.Logged{did(5, "v", audience.Like, 5, at(4))})
	require.Len(t, d.asked, 1)
	var items []catalog.ItemID
	for _, a := range d.asked[0].actions {
		items = append(items, a.Item)
	}
	require.Equal(t, []catalog.ItemID{itemOf(3), itemOf(1), itemOf(2)}, items)
}

// An index in which items appear while events on them are learned: each event is learned once, at its turn or late.
func TestAnItemThatArrivesMeanwhileLosesNoEvent(t *testing.T) {
	s := withOnly(t, map[int]bool{1: true}, 100_000)
	go func() {
		time.Sleep(time.Millisecond)
		s.arrives(1)
	}()
	n := 0
	for s.index.View().Len() < shelfItems || n < 200 {
		n++
		s.room.Learn([]engagement.Logged{did(n, fmt.Sprint("v", n), audience.Like, 1, dawn)})
	}
	s.admit(t)
	fame := s.counts(shelfItems, dawn)[itemOf(1)].fame
	require.EqualValues(t, n, fame.Ever, "each of %d viewers liked it", n)
	require.Zero(t, s.room.Stats().Dropped)
	require.Zero(t, s.model.Stats().Unknown)
}
