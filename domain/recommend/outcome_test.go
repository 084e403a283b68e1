package recommend_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

func came(r recommend.Response) []string {
	names := []string{}
	for o := range recommend.NumOutcomes {
		if r.Has(o) {
			names = append(names, o.String())
		}
	}
	return names
}

func TestWhatAnActComesTo(t *testing.T) {
	for _, c := range []struct {
		name string
		acts []audience.Act
		want []string
	}{
		{"seen is not opened", []audience.Act{audience.Seen}, []string{}},
		{"nor is a play that only began", []audience.Act{audience.PlayStart}, []string{}},
		{"opened", []audience.Act{audience.Open}, []string{"open"}},
		{"completed", []audience.Act{audience.PlayComplete}, []string{"open", "long_watch"}},
		{"liked twice", []audience.Act{audience.Like, audience.Like}, []string{"open", "like"}},
		{"liked and taken back", []audience.Act{audience.Like, audience.Unlike}, []string{"open"}},
		{"kept and liked, and one taken back", []audience.Act{audience.Favorite, audience.Like, audience.Unfavorite}, []string{"open", "like"}},
		{"taken back before it was done", []audience.Act{audience.Unlike, audience.Unfavorite, audience.UnfollowAuthor, audience.UnmuteAuthor}, []string{}},
		{"shared", []audience.Act{audience.Share}, []string{"open", "share"}},
		{"followed", []audience.Act{audience.FollowAuthor}, []string{"open", "follow"}},
		{"followed and left", []audience.Act{audience.FollowAuthor, audience.UnfollowAuthor}, []string{"open"}},
		{"skipped", []audience.Act{audience.Skip}, []string{"open", "skip"}},
		{"less of it, then more", []audience.Act{audience.NotInterested, audience.MoreLikeThis}, []string{"open", "like"}},
		{"more of it, then less", []audience.Act{audience.MoreLikeThis, audience.NotInterested}, []string{"open", "not_interested"}},
		{"muted and no longer", []audience.Act{audience.MuteAuthor, audience.UnmuteAuthor}, []string{"open"}},
		{"blocked", []audience.Act{audience.BlockAuthor}, []string{"open", "not_interested"}},
		{"reported", []audience.Act{audience.Report}, []string{"open", "report"}},
		{"an act nobody knows", []audience.Act{0, audience.Report + 1}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r recommend.Response
			for _, act := range c.acts {
				r = r.After(act, 0, 0)
			}
			require.Equal(t, c.want, came(r))
		})
	}
}

func TestHowFarAPlayGot(t *testing.T) {
	const second = time.Second
	for _, c := range []struct {
		name              string
		watched, duration time.Duration
		want              []string
	}{
		{"nothing of it", 0, 10 * second, []string{"open", "skip"}},
		{"a tenth", second, 10 * second, []string{"open", "skip"}},
		{"a tick more", second + 1, 10 * second, []string{"open"}},
		{"a tick less than four fifths", 8*second - 1, 10 * second, []string{"open"}},
		{"four fifths", 8 * second, 10 * second, []string{"open", "long_watch"}},
		{"three minutes of two hours, long though no tenth", 3 * time.Minute, 2 * time.Hour, []string{"open", "long_watch"}},
		{"of unknown length", second, 0, []string{"open"}},
		{"three minutes of unknown length", 3 * time.Minute, 0, []string{"open", "long_watch"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := recommend.Response(0).After(audience.PlayProgress, c.watched, c.duration)
			require.Equal(t, c.want, came(r))
			e := engagement.Event{Act: audience.PlayProgress, Item: "i", Watched: c.watched, Duration: c.duration}
			require.Equal(t, e.Consumed(), r.Has(recommend.WatchedLong), "the same long watch as everywhere")
		})
	}
}

// However often and in whatever order a play tells how far it got, it comes to what the farthest says.
func TestAPlayIsWhatItsFarthestSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		told := rapid.SliceOfN(rapid.Int64Range(0, 12), 1, 8).Draw(t, "seconds")
		var r recommend.Response
		most := time.Duration(0)
		for _, s := range told {
			w := time.Duration(s) * time.Second
			r, most = r.After(audience.PlayProgress, w, 10*time.Second), max(most, w)
		}
		require.Equal(t, came(recommend.Response(0).After(audience.PlayProgress, most, 10*time.Second)), came(r))
	})
}

func TestAnyResponseIsAllOfThem(t *testing.T) {
	var r recommend.Response
	for _, act := range audience.Acts() {
		r |= r.After(act, time.Second, 0)
	}
	r |= recommend.Response(0).After(audience.PlayProgress, 0, time.Second) | recommend.Response(0).After(audience.MoreLikeThis, 0, 0)
	require.Equal(t, recommend.AnyResponse, r)
	require.Len(t, came(r), int(recommend.NumOutcomes))
}
