package engagement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

func TestEveryTypeHasAWeightToBeginWith(t *testing.T) {
	w := engagement.DefaultWeights()
	for _, act := range audience.Acts() {
		require.Contains(t, w, act, act.String())
	}
	require.Len(t, w, len(audience.Acts()))
}

func TestDefaultWeightsAreTheCallersOwn(t *testing.T) {
	engagement.DefaultWeights()[audience.Like] = 99
	require.Equal(t, float32(1.5), engagement.DefaultWeights()[audience.Like])
}

func TestWhatAnActIsWorth(t *testing.T) {
	const minute = time.Minute
	w := engagement.Weights{audience.PlayProgress: 2, audience.PlayComplete: 3, audience.Skip: -1}
	for _, c := range []struct {
		name              string
		act               audience.Act
		watched, duration time.Duration
		want              float32
	}{
		{"its weight", audience.Skip, 0, 0, -1},
		{"its weight however long it was watched, if it is not a play under way", audience.PlayComplete, 1, minute, 3},
		{"nothing without a weight", audience.Like, minute, minute, 0},
		{"a mild dislike when nothing was watched", audience.PlayProgress, 0, minute, -0.6},
		{"a mild dislike up to a tenth", audience.PlayProgress, minute / 10, minute, -0.6},
		{"the share from there on", audience.PlayProgress, minute/10 + 1, minute, 0.2},
		{"half of the weight at half", audience.PlayProgress, minute / 2, minute, 1},
		{"the weight at the end", audience.PlayProgress, minute, minute, 2},
		{"no more when watched twice", audience.PlayProgress, 2 * minute, minute, 2},
		{"nothing when nothing was watched of who knows how much", audience.PlayProgress, 0, 0, 0},
		{"half of the weight for 15 seconds of who knows how much", audience.PlayProgress, 15 * time.Second, 0, 1},
		{"the weight for 30", audience.PlayProgress, 30 * time.Second, 0, 2},
		{"no more for longer", audience.PlayProgress, time.Hour, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.InDelta(t, c.want, w.Worth(c.act, c.watched, c.duration), 1e-6)
		})
	}
}

func span(t *rapid.T, name string) time.Duration {
	most := rapid.SampledFrom([]time.Duration{100, time.Second, time.Minute, engagement.MaxWatch}).Draw(t, name+" within")
	return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, name))
}

func TestToWatchMoreIsNeverWorthLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := engagement.DefaultWeights()
		duration, less, more := span(t, "duration"), span(t, "less"), span(t, "more")
		less, more = min(less, more), max(less, more)
		worth := w.Worth(audience.PlayProgress, more, duration)
		require.LessOrEqual(t, w.Worth(audience.PlayProgress, less, duration), worth)
		require.LessOrEqual(t, worth, w[audience.PlayProgress])
		require.GreaterOrEqual(t, worth, -0.3*w[audience.PlayProgress])
	})
}

func TestWhatAnActSaysOfItsItem(t *testing.T) {
	type says struct{ met, consumed bool }
	nothing, met, done := says{}, says{met: true}, says{met: true, consumed: true}
	meaning := map[audience.Act]says{
		audience.Seen: met, audience.Open: met, audience.PlayStart: nothing, audience.PlayProgress: met, audience.PlayComplete: done,
		audience.Skip: met, audience.Like: done, audience.Unlike: nothing, audience.Favorite: done, audience.Unfavorite: nothing,
		audience.Comment: done, audience.Share: done, audience.FollowAuthor: met, audience.UnfollowAuthor: nothing,
		audience.ProfileClick: met, audience.MoreLikeThis: met, audience.NotInterested: met, audience.MuteAuthor: met,
		audience.UnmuteAuthor: nothing, audience.BlockAuthor: met, audience.Report: met,
	}
	for _, act := range audience.Acts() {
		require.Contains(t, meaning, act)
		e := engagement.Event{Act: act, Item: "i"}
		require.Equal(t, meaning[act], says{e.Met(), e.Consumed()}, act.String())
		if act.OnAuthor() {
			alone := engagement.Event{Act: act, Author: "a"}
			require.Equal(t, nothing, says{alone.Met(), alone.Consumed()}, "%s of an author alone", act)
		}
	}
}

func TestLongWatching(t *testing.T) {
	for _, c := range []struct {
		name              string
		watched, duration time.Duration
		want              bool
	}{
		{"four fifths", 8 * time.Second, 10 * time.Second, true},
		{"one tick less", 8*time.Second - 1, 10 * time.Second, false},
		{"three minutes of a long item", 3 * time.Minute, time.Hour, true},
		{"one tick less of it", 3*time.Minute - 1, time.Hour, false},
		{"three minutes of who knows how much", 3 * time.Minute, 0, true},
		{"one tick less of that", 3*time.Minute - 1, 0, false},
		{"nothing of nothing", 0, 0, false},
		{"twice the item", 2 * time.Second, time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := engagement.Event{Act: audience.PlayProgress, Item: "i", Watched: c.watched, Duration: c.duration}
			require.Equal(t, c.want, e.Consumed())
			e.Act = audience.PlayStart
			require.False(t, e.Consumed(), "a play that only began")
		})
	}
}

func TestFourFifthsAreCountedExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		duration := span(t, "duration")
		watched := duration*4/5 + time.Duration(rapid.Int64Range(-2, 2).Draw(t, "off by"))
		e := engagement.Event{Act: audience.PlayProgress, Item: "i", Watched: watched, Duration: duration}
		want := watched >= engagement.LongWatchTime || duration > 0 && 5*watched >= 4*duration
		require.Equal(t, want, e.Consumed())
	})
}
