package redisstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

func TestAPackedTextComesBackAndTellsItsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`[0-9]{0,140}`), rapid.StringMatching(`[0-9a-f]{0,70}`), rapid.StringMatching(`[0-9a-v]{0,70}`),
			rapid.StringMatching(`[0-9A-Za-z_-]{0,140}`), rapid.StringN(0, 70, 140),
		).Draw(t, "text")
		got, rest, ok := redisstore.Unpack(string(redisstore.AppendPacked(nil, text)) + "rest")
		require.True(t, ok)
		require.Equal(t, text, got)
		require.Equal(t, "rest", rest)
	})
}

func TestAPackedTextTakesAsFewBytesAsItsLettersAllow(t *testing.T) {
	for text, bytes := range map[string]int{
		"": 1, "1193": 3, "7448112090121473292": 11, "0f3b9a7c": 5, "9m4e2mr0ui3e8a215n4g": 14, "dQw4w9WgXcQ": 10,
		"a b": 4, "河": 4, string(make([]byte, 62)): 63, string(make([]byte, 63)): 65,
	} {
		require.Len(t, redisstore.AppendPacked(nil, text), bytes, "%q", text)
	}
}

// anyAction is of few items, sessions and moments, so that there are repeats.
func anyAction(t *rapid.T, now time.Time) audience.Action {
	back := rapid.IntRange(0, 599_000).Draw(t, "ms ago")
	a := audience.Action{
		Item:    catalog.ItemID(rapid.SampledFrom([]string{"1", "11", "111", "a", "ab-", "b c", "河", "1a", "\x41\x11"}).Draw(t, "item")),
		Session: rapid.SampledFrom([]string{"", "s", "S", "ss", "河"}).Draw(t, "session"),
		Act:     rapid.SampledFrom(audience.Acts()).Draw(t, "act"),
		At:      now.Add(-time.Duration(back) * time.Millisecond),
	}
	if rapid.Bool().Draw(t, "played") {
		a.Watched = time.Duration(rapid.IntRange(0, 172_800_000).Draw(t, "watched")) * time.Millisecond
		a.Duration = time.Duration(rapid.IntRange(0, 172_800_000).Draw(t, "duration")) * time.Millisecond
	}
	return a
}

// TestNotesComeToWhatARestoreOfAllOfThemComesTo: scripts and Go read and write one form.
func TestNotesComeToWhatARestoreOfAllOfThemComesTo(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r, runs := redisstore.NewRemembrance(connect(t, opts)), 0
		rapid.Check(t, func(rt *rapid.T) {
			runs++
			noted, restored := audience.ViewerID(fmt.Sprint("noted-", runs)), audience.ViewerID(fmt.Sprint("restored-", runs))
			now := time.Now().UTC().Truncate(time.Millisecond)
			n := rapid.IntRange(0, 60).Draw(rt, "actions")
			atFirst := rapid.IntRange(0, n).Draw(rt, "actions that were restored at first")
			var all []audience.Action
			var notes []audience.Note
			for range n {
				a := anyAction(rt, now)
				all = append(all, a)
				notes = append(notes, audience.Note{Viewer: noted, Action: &a})
			}
			fill(t, r, noted, all[:atFirst]...)
			fill(t, r, restored, all...)
			for rest := notes[atFirst:]; len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(rt, "notes at once")
				require.NoError(rt, r.Note(t.Context(), rest[:n]))
				rest = rest[n:]
			}
			got, known, err := r.Recall(t.Context(), noted)
			require.NoError(rt, err)
			require.True(rt, known)
			want, _, err := r.Recall(t.Context(), restored)
			require.NoError(rt, err)
			require.Equal(rt, want.Actions, got.Actions)
		})
	})
}

// meetings are the last times of each item.
type meetings map[catalog.Number]int64

func (m meetings) add(marks ...audience.Mark) {
	for _, one := range marks {
		m[one.Item] = max(m[one.Item], one.At.Unix())
	}
}

func met(marks []audience.Mark) meetings {
	m := meetings{}
	m.add(marks...)
	return m
}

func TestOfEveryItemTheLastMeetingIsKnown(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r, runs := redisstore.NewRemembrance(connect(t, opts)), 0
		rapid.Check(t, func(rt *rapid.T) {
			runs++
			viewer, now := audience.ViewerID(fmt.Sprint("viewer-", runs)), time.Now().UTC().Truncate(time.Second)
			fill(t, r, viewer)
			seen, consumed := meetings{}, meetings{}
			for range rapid.IntRange(1, 40).Draw(rt, "notes") {
				n := audience.Note{Viewer: viewer}
				some := []audience.Mark{{
					Item: catalog.Number(rapid.SampledFrom([]uint64{1, 2, 127, 128, 129, 1<<53 - 1}).Draw(rt, "item")),
					At:   now.Add(-time.Duration(rapid.IntRange(0, 3600).Draw(rt, "seconds ago")) * time.Second),
				}}
				switch rapid.IntRange(0, 2).Draw(rt, "kind") {
				case 0:
					n.Seen = some
				case 1:
					n.Consumed = some
				case 2:
					n.Seen, n.Consumed = some, some
				}
				seen.add(n.Seen...)
				consumed.add(n.Consumed...)
				require.NoError(rt, r.Note(t.Context(), []audience.Note{n, n}))
			}
			k, known, err := r.Recall(t.Context(), viewer)
			require.NoError(rt, err)
			require.True(rt, known)
			require.Equal(rt, seen, met(k.Memory.Seen))
			require.Equal(rt, consumed, met(k.Memory.Consumed))
		})
	})
}

func TestAPlayThatGoesOnIsOneMark(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r, now := redisstore.NewRemembrance(connect(t, opts)), time.Now().UTC().Truncate(time.Second)
		fill(t, r, "v")
		for i := range 50 {
			m := []audience.Mark{{Item: 7, At: now.Add(time.Duration(i-50) * 5 * time.Second)}}
			require.NoError(t, r.Note(t.Context(), []audience.Note{{Viewer: "v", Seen: m}}))
		}
		k, _, err := r.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.Equal(t, []audience.Mark{{Item: 7, At: now.Add(-5 * time.Second)}}, k.Memory.Seen)
	})
}

func TestActionsPastTheLimitTakeTheirSessionsAlong(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		r, now := redisstore.NewRemembrance(c), time.Now().UTC().Truncate(time.Second)
		fill(t, r, "v")
		const count = 3*audience.MaxActions + 1
		var notes []audience.Note
		for i := range count {
			like := audience.Action{
				Item: catalog.ItemID(fmt.Sprint(i % 7)), Act: audience.Like, Session: fmt.Sprint("session-", i),
				At: now.Add(time.Duration(i-count) * time.Second),
			}
			notes = append(notes, audience.Note{Viewer: "v", Action: &like})
		}
		require.NoError(t, r.Note(t.Context(), notes))
		k, _, err := r.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.Len(t, k.Actions, audience.MaxActions)
		for i, a := range k.Actions {
			require.Equal(t, *notes[count-1-i].Action, a)
		}
		size, err := c.Do(t.Context(), "STRLEN", c.FormerKey("past.2", "v")).Int()
		require.NoError(t, err)
		require.Less(t, size, 250*(1+7+11+9), "no session of an action that was forgotten stays")
	})
}
