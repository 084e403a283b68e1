package recommendtest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func trendsOnItsShelves(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 15)
	other := item("other", 100)
	other.Details.Lang, other.Details.Region = "zh", "CN"
	s.Catalogue().Apply([]catalog.Snapshot{other})
	for v := range 20 {
		s.session("v"+itoa(v), noon, v%10)
	}
	all := s.trending(recommend.Everything, noon, 0, 50)
	require.Len(t, all, 10)
	for f, name := range map[recommend.Field]string{recommend.TagField: "tag-1", recommend.AuthorField: "author-2",
		recommend.LangField: "en", recommend.RegionField: "DE"} {
		shelf := s.shelf(f, name)
		want := []catalog.ItemID{}
		for _, id := range all {
			if i := whole(s.Catalogue().View(), id); belongs(s.Catalogue().View(), i, shelf) {
				want = append(want, id)
			}
		}
		require.NotEmpty(t, want)
		require.ElementsMatch(t, want, s.trending(shelf, noon, 0, 50), name)
	}
	require.Empty(t, s.trending(s.shelf(recommend.LangField, "zh"), noon, 0, 50))
}

func trendingInOrder(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 120)
	s.Learn(story(11, 4000, 120))
	for _, now := range []time.Time{noon, noon.Add(48 * time.Hour), noon.Add(10_000 * time.Hour)} {
		for _, shelf := range []recommend.Shelf{recommend.Everything, s.shelf(recommend.TagField, "tag-2"), s.shelf(recommend.AuthorField, "author-3")} {
			all := s.trending(shelf, now, 0, 200)
			require.NotEmpty(t, all)
			last := float32(math.MaxFloat32)
			for _, id := range all {
				n := 0
				for "i"+itoa(n) != string(id) {
					n++
				}
				p := s.popularity(n, now)
				require.Positive(t, p)
				require.LessOrEqual(t, p, last)
				last = p
			}
			for skip := 0; skip <= len(all); skip += 7 {
				for _, n := range []int{1, 7, 60} {
					require.Equal(t, all[skip:min(len(all), skip+n)], s.trending(shelf, now, skip, n))
				}
			}
			require.Empty(t, s.trending(shelf, now, len(all)+5, 3))
			require.Empty(t, s.trending(shelf, now, 0, 0))
		}
	}
}

func trendingWhereWindowsDisagree(t *testing.T, open func(*testing.T) Mind) {
	const items = 60
	for _, ago := range []time.Duration{time.Hour, 5 * time.Hour, 20 * time.Hour} {
		s := stage(open(t), items)
		viewer := 0
		like := func(n, times int, at time.Time) {
			for range times {
				viewer++
				s.do("v"+itoa(viewer), audience.Like, n, at)
			}
		}
		for n := range items { // the first items had many good acts long ago, the last some just now
			like(n, int(10*math.Sqrt(float64(items-n))), noon.Add(-6*24*time.Hour))
		}
		for n := range items {
			like(n, int(2*math.Sqrt(float64(n))), noon.Add(-ago))
		}
		like(0, 1, noon)
		all := s.trending(recommend.Everything, noon, 0, items)
		require.Len(t, all, items)
		for n := 1; n < items; n++ {
			require.Equal(t, all[:n], s.trending(recommend.Everything, noon, 0, n), ago)
		}
	}
}

func trendsWithNewTags(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("v", noon, 0)
	moved := item("i0", 1)
	moved.Version, moved.Details.Tags = 2, []string{"fresh"}
	s.Catalogue().Apply([]catalog.Snapshot{moved})
	require.Empty(t, s.trending(s.shelf(recommend.TagField, "tag-0"), noon, 0, 9))
	s.session("w", noon, 0)
	require.Equal(t, []catalog.ItemID{"i0"}, s.trending(s.shelf(recommend.TagField, "fresh"), noon, 0, 9))
	moved.Version, moved.Details.Tags = 3, []string{"tag-0"}
	s.Catalogue().Apply([]catalog.Snapshot{moved})
	s.session("x", noon.Add(time.Hour), 0)
	require.Equal(t, []catalog.ItemID{"i0"}, s.trending(s.shelf(recommend.TagField, "tag-0"), noon, 0, 9), "once")
}

func removedDoesNotTrend(t *testing.T, open func(*testing.T) Mind) {
	s := stage(open(t), 3)
	s.session("v", noon, 0, 1)
	gone := item("i0", 1)
	gone.Version, gone.State = 2, catalog.Removed
	s.Catalogue().Apply([]catalog.Snapshot{gone})
	require.Equal(t, []catalog.ItemID{"i1"}, s.trending(recommend.Everything, noon, 0, 9))
}
