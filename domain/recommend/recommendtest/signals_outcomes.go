package recommendtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// counted makes the counts of so many opened meetings, and of so many that came to each outcome.
func counted(opened float32, came ...recommend.Outcome) (t recommend.Outcomes) {
	t[recommend.Opened] = opened
	for _, o := range came {
		t[o]++
	}
	return t
}

func (s *scene) outcomes(n int) (item, author, all recommend.Outcomes) {
	var items, authors [1]recommend.Outcomes
	all = s.Outcomes([]recommend.Ordinal{s.at(n)}, items[:])
	s.AuthorOutcomes([]recommend.Term{s.shelf(recommend.AuthorField, "author-"+itoa(n%5)).Term}, authors[:])
	return items[0], authors[0], all
}

func outcomesAreCounted(t *testing.T, open func(*testing.T) Mind) {
	for act, want := range map[audience.Act]recommend.Outcomes{
		audience.Seen:          {},
		audience.PlayStart:     {},
		audience.Open:          counted(1),
		audience.Comment:       counted(1),
		audience.PlayComplete:  counted(1, recommend.WatchedLong),
		audience.Like:          counted(1, recommend.Liked),
		audience.Favorite:      counted(1, recommend.Liked),
		audience.MoreLikeThis:  counted(1, recommend.Liked),
		audience.Share:         counted(1, recommend.Shared),
		audience.FollowAuthor:  counted(1, recommend.Followed),
		audience.Skip:          counted(1, recommend.Skipped),
		audience.NotInterested: counted(1, recommend.Disliked),
		audience.MuteAuthor:    counted(1, recommend.Disliked),
		audience.BlockAuthor:   counted(1, recommend.Disliked),
		audience.Report:        counted(1, recommend.Reported),
		audience.Unlike:        {},
	} {
		s := stage(open(t), 7)
		s.do("v", act, 1, noon)
		item, author, all := s.outcomes(1)
		require.Equal(t, []recommend.Outcomes{want, want, want}, []recommend.Outcomes{item, author, all}, act)
		item, author, _ = s.outcomes(6)
		require.Equal(t, []recommend.Outcomes{{}, want}, []recommend.Outcomes{item, author}, "another item by the author")
		item, author, _ = s.outcomes(2)
		require.Equal(t, []recommend.Outcomes{{}, {}}, []recommend.Outcomes{item, author}, "an item by another")
	}
}

func outcomesCountOnce(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for _, act := range []audience.Act{audience.Seen, audience.Open, audience.Like, audience.Like, audience.Favorite, audience.Share, audience.Share} {
		s.do("v", act, 0, noon)
	}
	item, _, all := s.outcomes(0)
	require.Equal(t, counted(1, recommend.Liked, recommend.Shared), item)
	require.Equal(t, item, all)
	for _, at := range []int64{1, 5, 9, 3, 9} { // seconds of ten, not in order
		s.offset++
		s.Learn([]Deed{{Offset: s.offset, Viewer: "p", Act: audience.PlayProgress, Item: "i1", At: noon, Watched: time.Duration(at) * time.Second, Duration: 10 * time.Second}})
		item, _, _ = s.outcomes(1)
		switch at {
		case 1:
			require.Equal(t, counted(1, recommend.Skipped), item, "left at once, as far as is known")
		case 5:
			require.Equal(t, counted(1), item, "not any more")
		default:
			require.Equal(t, counted(1, recommend.WatchedLong), item)
		}
	}

	short := *whole(s.Catalogue().View(), "i2")
	short.Version, short.Details.Duration = 2, 10*time.Second
	s.Catalogue().Apply([]catalog.Snapshot{short})
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: "p", Act: audience.PlayProgress, Item: "i2", At: noon, Watched: 8 * time.Second}})
	item, _, _ = s.outcomes(2)
	require.Equal(t, counted(1, recommend.WatchedLong), item, "where the event does not say how long it is, the item does")
}

func outcomesAreTakenBack(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	s.do("v", audience.Like, 0, noon)
	s.do("w", audience.NotInterested, 0, noon)
	s.do("v", audience.Unlike, 0, noon)
	s.do("w", audience.MoreLikeThis, 0, noon)
	s.do("x", audience.Unlike, 0, noon)
	item, author, all := s.outcomes(0)
	want := counted(2, recommend.Liked)
	require.Equal(t, []recommend.Outcomes{want, want, want}, []recommend.Outcomes{item, author, all})
	s.do("v", audience.Like, 0, noon)
	s.do("v", audience.Unlike, 0, noon.Add(-400*24*time.Hour))
	s.do("w", audience.Open, 1, noon.Add(400*24*time.Hour))
	s.do("w", audience.NotInterested, 0, noon.Add(400*24*time.Hour))
	item, _, _ = s.outcomes(0)
	for o, n := range item {
		require.True(t, n >= 0 && n <= item[recommend.Opened], "%s %v", recommend.Outcome(o), item)
	}
}

func outcomesFade(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	s.do("v", audience.Like, 0, noon)
	s.do("w", audience.Open, 1, noon.Add(30*24*time.Hour))
	item, author, all := s.outcomes(0)
	require.InDelta(t, 0.5, item[recommend.Liked], 1e-5)
	require.InDelta(t, 0.5, item[recommend.Opened], 1e-5)
	require.Equal(t, item, author)
	require.InDelta(t, 1.5, all[recommend.Opened], 1e-5)
	require.Equal(t, s.trial(0).Met, item[recommend.Opened], "as meetings do")
	s.do("x", audience.Open, 1, noon)
	item, _, _ = s.outcomes(1)
	require.InDelta(t, 1.5, item[recommend.Opened], 1e-5, "late news is as old as it is")
}

func outcomesOfNothing(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 2)
	into := []recommend.Outcomes{counted(7), counted(7)}
	require.Zero(t, s.Outcomes([]recommend.Ordinal{recommend.Nowhere, s.at(0)}, into))
	require.Equal(t, []recommend.Outcomes{{}, {}}, into)
	for _, act := range []audience.Act{audience.Report, audience.MuteAuthor, audience.BlockAuthor, audience.FollowAuthor} {
		s.offset++
		s.Learn([]Deed{{Offset: s.offset, Viewer: "v", Act: act, At: noon}})
		require.Zero(t, s.Outcomes(nil, nil), "on an author alone")
	}
	into = []recommend.Outcomes{counted(7), counted(7), counted(7)}
	s.do("v", audience.Like, 0, noon)
	s.AuthorOutcomes([]recommend.Term{0, 1 << 30, s.shelf(recommend.AuthorField, "author-1").Term}, into)
	require.Equal(t, []recommend.Outcomes{{}, {}, {}}, into)

	m := open(t)
	lone := item("lone", 1)
	lone.Details.Author = ""
	m.Catalogue().Apply([]catalog.Snapshot{lone})
	m.Learn([]Deed{{Offset: 1, Viewer: "v", Act: audience.Like, Item: "lone", At: noon}})
	of := []recommend.Outcomes{counted(7)}
	require.Equal(t, counted(1, recommend.Liked), m.Outcomes([]recommend.Ordinal{locate(m.Catalogue().View(), "lone")}, of))
	m.AuthorOutcomes([]recommend.Term{0}, of)
	require.Zero(t, of[0], "an item without an author counts for none")
}

func oneViewerCountsOnce(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	for n := range 3000 {
		s.do("bot", audience.Report, n%2, noon.Add(time.Duration(n)*time.Second))
	}
	item, _, all := s.outcomes(1)
	require.InDelta(t, 1, item[recommend.Reported], 1e-2)
	require.InDelta(t, 2, all[recommend.Reported], 1e-2)
}
