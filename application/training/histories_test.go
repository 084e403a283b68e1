package training

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// diary hands events to histories, one offset each.
type diary struct {
	*histories
	at engagement.Offset
}

func newDiary(viewers int) *diary {
	return &diary{histories: newHistories(engagement.DefaultWeights(), viewers)}
}

func (d *diary) did(viewer string, act audience.Act, items ...string) {
	for _, item := range items {
		d.at++
		d.take(&engagement.Logged{Offset: d.at, Event: engagement.Event{Viewer: audience.ViewerID(viewer), Act: act, Item: catalog.ItemID(item)}})
	}
}

func (d *diary) played(viewer, item string, share float64) {
	d.at++
	d.take(&engagement.Logged{Offset: d.at, Event: engagement.Event{
		Viewer: audience.ViewerID(viewer), Act: audience.PlayProgress, Item: catalog.ItemID(item),
		Watched: time.Duration(share * float64(time.Minute)), Duration: time.Minute,
	}})
}

func (d *diary) chosen(most int) []catalog.ItemID {
	ids, err := d.choose(most, none)
	if err != nil {
		panic(err)
	}
	return ids
}

// liked are the histories, viewer by viewer.
func (d *diary) liked() (all [][]string) {
	for _, one := range d.all {
		names := []string{}
		for _, n := range one.liked {
			names = append(names, string(d.ids[n]))
		}
		all = append(all, names)
	}
	return all
}

func TestWhatIsLiked(t *testing.T) {
	for name, c := range map[string]struct {
		does func(d *diary)
		want []string
	}{
		"in the order of liking":                  {func(d *diary) { d.did("v", audience.Like, "a", "b", "c") }, []string{"a", "b", "c"}},
		"each once, where it was liked last":      {func(d *diary) { d.did("v", audience.Like, "a", "b", "a") }, []string{"b", "a"}},
		"not what is worth nothing":               {func(d *diary) { d.did("v", audience.Like, "a"); d.did("v", audience.Seen, "b") }, []string{"a"}},
		"not what is worth less":                  {func(d *diary) { d.did("v", audience.Like, "a"); d.did("v", audience.Skip, "b") }, []string{"a"}},
		"not an author":                           {func(d *diary) { d.did("v", audience.Like, "a"); d.did("v", audience.FollowAuthor, "") }, []string{"a"}},
		"not what was disliked more":              {func(d *diary) { d.did("v", audience.Like, "a", "b"); d.did("v", audience.NotInterested, "a") }, []string{"b"}},
		"still what was disliked less":            {func(d *diary) { d.did("v", audience.Like, "a", "b"); d.did("v", audience.Skip, "a") }, []string{"a", "b"}},
		"what a dislike does not move":            {func(d *diary) { d.did("v", audience.Favorite, "a", "b"); d.did("v", audience.Skip, "a") }, []string{"a", "b"}},
		"what was disliked and liked again":       {func(d *diary) { d.did("v", audience.Report, "a"); d.did("v", audience.Open, "a") }, []string{"a"}},
		"not what began to play and was left":     {func(d *diary) { d.did("v", audience.PlayStart, "a"); d.played("v", "a", 0.05) }, []string{}},
		"what was left at first and then watched": {func(d *diary) { d.played("v", "a", 0.05); d.played("v", "a", 0.5) }, []string{"a"}},
		"nothing by who only dislikes what others like": {func(d *diary) {
			d.did("v", audience.Like, "a")
			d.did("w", audience.Skip, "a")
		}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDiary(10)
			c.does(d)
			require.Equal(t, [][]string{c.want}, d.liked())
		})
	}
}

func TestTheNewestLikesOfAViewerAreHeld(t *testing.T) {
	d := newDiary(10)
	for i := range mostLiked + 1 {
		d.did("v", audience.Like, fmt.Sprint(i))
	}
	liked := d.liked()[0]
	require.Len(t, liked, mostLiked)
	require.Equal(t, "1", liked[0])
	require.Equal(t, fmt.Sprint(mostLiked), liked[mostLiked-1])
	d.did("v", audience.Like, "1")
	require.Len(t, d.liked()[0], mostLiked)
	require.Equal(t, "2", d.liked()[0][0])
}

func TestTheViewersWhoLikedSomethingLastAreHeld(t *testing.T) {
	d := newDiary(8)
	for i := range 100 {
		d.did(fmt.Sprint("v", i), audience.Like, fmt.Sprint("i", i), "all")
		d.did("always", audience.Like, "all", "always")
		require.LessOrEqual(t, len(d.all), 8+8/4+1)
		require.Len(t, d.by, len(d.all))
	}
	d.did("v90", audience.Skip, "i99")
	items := d.chosen(100)
	require.Equal(t, []catalog.ItemID{"all"}, items[:1])
	require.Len(t, d.all, 8)
}

func TestOnlySoManyLikesAreHeld(t *testing.T) {
	d := newDiary(1000)
	d.most = 40
	for i := range 100 {
		d.did(fmt.Sprint("v", i), audience.Like, "a", "b", "c", "d")
		held := 0
		for _, liked := range d.liked() {
			held += len(liked)
		}
		require.LessOrEqual(t, held, 40+40/4+1)
		require.Len(t, d.by, len(d.all))
	}
	d.did("v99", audience.Like, "e")
	require.Equal(t, "e", d.liked()[0][4], "the viewers who liked something last stay")
}

func TestTheItemsThatMostLikeAreHeld(t *testing.T) {
	d := newDiary(1000)
	d.items = 8
	for i := range 200 {
		d.did(fmt.Sprint("v", i), audience.Like, "best", fmt.Sprint("rare", i), "good")
		require.LessOrEqual(t, len(d.ids), 8)
		require.Len(t, d.numbers, len(d.ids))
	}
	require.Equal(t, []catalog.ItemID{"best", "good"}, d.chosen(10))
	for _, liked := range d.liked() {
		require.Equal(t, []string{"best", "good"}, liked)
	}
	require.Len(t, d.all, 200)
}

func TestTheMostPopularItemsAreChosen(t *testing.T) {
	d := newDiary(10)
	d.did("u", audience.Like, "c", "a", "alone")
	d.did("v", audience.Like, "b", "a", "c", "d")
	d.did("w", audience.Like, "d", "b", "a")
	d.did("x", audience.Like, "mine", "mine too")
	require.Equal(t, []catalog.ItemID{"a", "b", "c"}, d.chosen(3))
	require.Equal(t, [][]string{{"c", "a"}, {"b", "a", "c"}, {"b", "a"}}, d.liked(), "in order, and nobody who likes none of them")
	require.Equal(t, [][]uint32{{2, 0}, {1, 0, 2}, {1, 0}}, slices.Collect(d.whole))
	require.Equal(t, [][]uint32{{2}, {1, 0}, {1}}, slices.Collect(d.butLast))
}

func TestWhatOneViewerAloneLikesIsNotChosen(t *testing.T) {
	d := newDiary(10)
	d.did("u", audience.Like, "a", "alone", "b")
	d.did("v", audience.Like, "a", "b")
	require.Equal(t, []catalog.ItemID{"a", "b"}, d.chosen(10))
}
