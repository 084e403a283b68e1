package engagementtest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Counting is an empty log with two tallies of it, such as two instances of the fleet have.
type Counting struct {
	Log       engagement.EventLog
	A, B      engagement.Tally
	Reactions engagement.Reactions
}

// Tally runs the contract of engagement.Tally and engagement.Reactions.
func Tally(t *testing.T, open func(t *testing.T) Counting) {
	for name, clause := range map[string]func(*testing.T, Counting){
		"likes and favorites count viewers, not acts":        countViewers,
		"comments and shares count acts":                     countActs,
		"a play counts once per viewer and session":          countPlays,
		"what is like now wins within and across batches":    lastActWins,
		"an item nothing happened to is absent":              nothingHappened,
		"an interrupted tally counts like one in one pass":   interruptedTally,
		"two that advance at once count everything once":     twoAtOnce,
		"changed hands over every change and then nothing":   changedFollows,
		"a follower of changed misses nothing":               followerMissesNothing,
		"a failed advance counts nothing":                    failedAdvance,
		"a viewer's favourites show before they are tallied": favoritedAtOnce,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

// script appends acts such as "v like i" with ids of their own; a fourth word is the session.
func script(t *testing.T, log engagement.EventLog, lines ...[4]string) {
	t.Helper()
	at, err := log.Head(t.Context())
	ok(t, err)
	events := make([]engagement.Event, len(lines))
	for i, l := range lines {
		a, err := audience.ParseAct(l[1])
		ok(t, err)
		events[i] = act(fmt.Sprint("e", int(at)+i), l[0], l[2], a)
		events[i].Session = l[3]
	}
	_, err = log.Append(t.Context(), events, noon)
	ok(t, err)
}

func countViewers(t *testing.T, c Counting) {
	script(t, c.Log, [4]string{"v", "like", "i"}, [4]string{"v", "like", "i"}, [4]string{"w", "like", "i"}, [4]string{"V", "like", "i"}, [4]string{"w", "favorite", "i"})
	changed := advance(t, c.A, 100, 5)
	want := engagement.Counts{Likes: 3, Favorites: 1}
	same(t, changed, map[catalog.ItemID]engagement.Counts{"i": want})
	script(t, c.Log, [4]string{"v", "like", "i"}, [4]string{"x", "unlike", "i"})
	same(t, advance(t, c.A, 100, 2), map[catalog.ItemID]engagement.Counts{})
	script(t, c.Log, [4]string{"v", "unlike", "i"}, [4]string{"v", "unlike", "i"})
	want.Likes = 2
	same(t, advance(t, c.B, 100, 2), map[catalog.ItemID]engagement.Counts{"i": want})
	same(t, counts(t, c.A, "i", "I"), map[catalog.ItemID]engagement.Counts{"i": want})
}

func countActs(t *testing.T, c Counting) {
	script(t, c.Log, [4]string{"v", "comment", "i"}, [4]string{"v", "comment", "i"}, [4]string{"v", "share", "i"}, [4]string{"v", "share", "j"}, [4]string{"w", "share", "i"})
	advance(t, c.A, 2, 2)
	advance(t, c.A, 100, 3)
	same(t, counts(t, c.A, "i", "j"), map[catalog.ItemID]engagement.Counts{"i": {Comments: 2, Shares: 2}, "j": {Shares: 1}})
}

func countPlays(t *testing.T, c Counting) {
	script(t, c.Log,
		[4]string{"v", "play_start", "i", "s"}, [4]string{"v", "play_progress", "i", "s"}, [4]string{"v", "play_progress", "i", "s"},
		[4]string{"v", "play_progress", "i", "S"}, [4]string{"w", "play_complete", "i", "s"}, [4]string{"v", "play_start", "j", "s"})
	advance(t, c.A, 2, 2)
	advance(t, c.A, 100, 4)
	script(t, c.Log, [4]string{"v", "play_complete", "i", "s"}, [4]string{"v", "play_start", "i", ""})
	advance(t, c.A, 100, 2)
	same(t, counts(t, c.A, "i", "j"), map[catalog.ItemID]engagement.Counts{"i": {Plays: 4}, "j": {Plays: 1}})
}

func lastActWins(t *testing.T, c Counting) {
	script(t, c.Log, [4]string{"v", "like", "i"}, [4]string{"v", "unlike", "i"}, [4]string{"v", "like", "i"},
		[4]string{"w", "like", "i"}, [4]string{"w", "unlike", "i"}, [4]string{"w", "like", "j"})
	for range 6 {
		advance(t, c.A, 1, 1)
	}
	same(t, counts(t, c.A, "i", "j")["i"], engagement.Counts{Likes: 1})
	script(t, c.Log, [4]string{"v", "unlike", "i"}, [4]string{"v", "like", "i"}, [4]string{"w", "like", "i"}, [4]string{"w", "unlike", "j"}, [4]string{"w", "like", "j"}, [4]string{"w", "unlike", "j"})
	advance(t, c.A, 100, 6)
	same(t, counts(t, c.A, "i")["i"], engagement.Counts{Likes: 2})
	same(t, counts(t, c.A, "j")["j"], engagement.Counts{})
}

func nothingHappened(t *testing.T, c Counting) {
	script(t, c.Log, [4]string{"v", "seen", "i"}, [4]string{"v", "skip", "i"}, [4]string{"v", "open", "i"}, [4]string{"v", "like", "j"})
	same(t, advance(t, c.A, 100, 4), map[catalog.ItemID]engagement.Counts{"j": {Likes: 1}})
	same(t, counts(t, c.A, "i", "k"), map[catalog.ItemID]engagement.Counts{})
	same(t, counts(t, c.A), map[catalog.ItemID]engagement.Counts{})
	advance(t, c.A, 100, 0)
}

// random is a repeatable history in which everything counted happens, and is taken back, often.
func random(n int, seed uint64) []engagement.Event {
	r := rand.New(rand.NewPCG(seed, 1))
	acts := audience.Acts()
	events := make([]engagement.Event, n)
	for i := range events {
		a := acts[r.IntN(len(acts))]
		events[i] = act(fmt.Sprint(seed, "-", i), fmt.Sprint("v", r.IntN(5)), fmt.Sprint("i", r.IntN(6)), a)
		events[i].Session = fmt.Sprint(r.IntN(3))
	}
	return events
}

// Counted is the specification: what a tally must say of the history, counted in one pass.
func Counted(events []engagement.Event) map[catalog.ItemID]engagement.Counts {
	type key struct {
		viewer  audience.ViewerID
		item    catalog.ItemID
		session string
		act     audience.Act
	}
	now := map[key]bool{}
	out := map[catalog.ItemID]engagement.Counts{}
	for _, e := range events {
		c := out[e.Item]
		switch e.Act {
		case audience.Like, audience.Favorite:
			now[key{e.Viewer, e.Item, "", e.Act}] = true
		case audience.Unlike:
			now[key{e.Viewer, e.Item, "", audience.Like}] = false
		case audience.Unfavorite:
			now[key{e.Viewer, e.Item, "", audience.Favorite}] = false
		case audience.PlayStart, audience.PlayProgress, audience.PlayComplete:
			now[key{e.Viewer, e.Item, e.Session, audience.PlayStart}] = true
		case audience.Comment:
			c.Comments++
		case audience.Share:
			c.Shares++
		}
		out[e.Item] = c
	}
	for k, on := range now {
		c := out[k.item]
		switch {
		case !on:
		case k.act == audience.Like:
			c.Likes++
		case k.act == audience.Favorite:
			c.Favorites++
		default:
			c.Plays++
		}
		out[k.item] = c
	}
	maps.DeleteFunc(out, func(_ catalog.ItemID, c engagement.Counts) bool { return c == engagement.Counts{} })
	return out
}

func everything() []catalog.ItemID {
	ids := make([]catalog.ItemID, 6)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprint("i", i))
	}
	return ids
}

func interruptedTally(t *testing.T, c Counting) {
	events := random(400, 3)
	_, err := c.Log.Append(t.Context(), events, noon)
	ok(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	for total := 0; total < len(events); {
		limit := 1 + r.IntN(60)
		tally := c.A
		if r.IntN(2) == 0 {
			tally = c.B
		}
		ctx, cancel := context.WithCancel(t.Context())
		if r.IntN(4) == 0 { // what an advance that was cut short did, if anything, the answer of Counts must show
			cancel()
		}
		if r.IntN(4) == 0 {
			time.AfterFunc(time.Duration(r.IntN(2000))*time.Microsecond, cancel)
		}
		_, n, err := tally.Advance(ctx, limit)
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		cancel()
		total += n
		if n == 0 && err == nil { // an advance that was cut short was committed all the same
			break
		}
	}
	for {
		if _, n, err := c.A.Advance(t.Context(), 100); err != nil || n == 0 {
			ok(t, err)
			break
		}
	}
	same(t, counts(t, c.A, everything()...), Counted(events))
}

func twoAtOnce(t *testing.T, c Counting) {
	events := random(600, 4)
	var appended atomic.Bool
	var total atomic.Int64
	together(3, func(who int) {
		if who == 2 {
			defer appended.Store(true)
			for i := 0; i < len(events); i += 20 {
				if _, err := c.Log.Append(t.Context(), events[i:i+20], noon); err != nil {
					t.Error(err)
				}
			}
			return
		}
		tally := []engagement.Tally{c.A, c.B}[who]
		for {
			last := appended.Load()
			_, n, err := tally.Advance(t.Context(), 17)
			if err != nil {
				t.Error(err)
				return
			}
			total.Add(int64(n))
			if last && n == 0 {
				return
			}
		}
	})
	if total.Load() != int64(len(events)) {
		t.Errorf("%d events were applied, %d happened", total.Load(), len(events))
	}
	same(t, counts(t, c.A, everything()...), Counted(events))
}

func changedFollows(t *testing.T, c Counting) {
	script(t, c.Log, [4]string{"v", "like", "a"}, [4]string{"v", "like", "b.2"}, [4]string{"v", "like", "c"}, [4]string{"v", "like", "é😀"})
	advance(t, c.A, 100, 4)
	got, cursor := map[catalog.ItemID]engagement.Counts{}, ""
	for _, want := range []int{3, 1, 0, 0} {
		some, next, err := c.B.Changed(t.Context(), cursor, 3)
		ok(t, err)
		if len(some) != want {
			t.Fatalf("%d changes, not %d", len(some), want)
		}
		maps.Copy(got, some)
		cursor = next
	}
	same(t, got, map[catalog.ItemID]engagement.Counts{"a": {Likes: 1}, "b.2": {Likes: 1}, "c": {Likes: 1}, "é😀": {Likes: 1}})
	script(t, c.Log, [4]string{"v", "unlike", "a"}, [4]string{"v", "seen", "c"})
	advance(t, c.A, 100, 2)
	some, _, err := c.B.Changed(t.Context(), cursor, 3)
	ok(t, err)
	same(t, some, map[catalog.ItemID]engagement.Counts{"a": {}})
}

func followerMissesNothing(t *testing.T, c Counting) {
	events := random(400, 5)
	_, err := c.Log.Append(t.Context(), events, noon)
	ok(t, err)
	var counted atomic.Bool
	follower := map[catalog.ItemID]engagement.Counts{}
	together(2, func(who int) {
		if who == 0 {
			defer counted.Store(true)
			for {
				if _, n, err := c.A.Advance(t.Context(), 7); err != nil || n == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
			}
		}
		cursor := ""
		for {
			last := counted.Load()
			some, next, err := c.B.Changed(t.Context(), cursor, 2)
			if err != nil {
				t.Error(err)
				return
			}
			maps.Copy(follower, some)
			cursor = next
			if last && len(some) == 0 {
				return
			}
		}
	})
	maps.DeleteFunc(follower, func(_ catalog.ItemID, c engagement.Counts) bool { return c == engagement.Counts{} })
	same(t, follower, counts(t, c.A, everything()...))
}

func failedAdvance(t *testing.T, c Counting) {
	script(t, c.Log, [4]string{"v", "like", "i"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if changed, n, err := c.A.Advance(ctx, 10); err == nil || n != 0 || len(changed) != 0 {
		t.Fatalf("%v, %d, %v", changed, n, err)
	}
	same(t, counts(t, c.A, "i"), map[catalog.ItemID]engagement.Counts{})
	advance(t, c.A, 10, 1)
}

func favoritedAtOnce(t *testing.T, c Counting) {
	want := func(step string, i, j bool) {
		t.Helper()
		got, err := c.Reactions.Favorited(t.Context(), "v", []catalog.ItemID{"i", "j", "k"})
		ok(t, err)
		if got["i"] != i || got["j"] != j || got["k"] {
			t.Fatalf("%s: %v", step, got)
		}
	}
	want("nothing happened", false, false)
	script(t, c.Log, [4]string{"v", "like", "i"}, [4]string{"v", "favorite", "j"}, [4]string{"w", "like", "k"}, [4]string{"V", "like", "k"})
	want("before it is tallied", true, true)
	advance(t, c.A, 10, 4)
	want("after", true, true)
	script(t, c.Log, [4]string{"v", "unlike", "i"}, [4]string{"v", "like", "j"}, [4]string{"v", "unfavorite", "j"})
	want("taken back, not tallied", false, true)
	advance(t, c.A, 10, 3)
	want("taken back", false, true)
}

func advance(t *testing.T, tally engagement.Tally, limit, want int) map[catalog.ItemID]engagement.Counts {
	t.Helper()
	changed, n, err := tally.Advance(t.Context(), limit)
	ok(t, err)
	if n != want {
		t.Fatalf("%d events were applied, not %d", n, want)
	}
	return changed
}

func counts(t *testing.T, tally engagement.Tally, items ...catalog.ItemID) map[catalog.ItemID]engagement.Counts {
	t.Helper()
	got, err := tally.Counts(t.Context(), items)
	ok(t, err)
	return got
}
