package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// devoted is a viewer who follows many.
func devoted(id audience.ViewerID, many int) *audience.Viewer {
	v := audience.NewViewer(id, nil, nil)
	for i := range many {
		if v.Follow(catalog.AuthorID(fmt.Sprintf("author-%04d", i)), time.Now()) != nil {
			panic("too many")
		}
	}
	return v
}

func restore(t *testing.T, r *redisstore.Remembrance, v *audience.Viewer) {
	t.Helper()
	version, err := r.Version(t.Context(), v.ID())
	require.NoError(t, err)
	require.NoError(t, r.Restore(t.Context(), v.ID(), version, audience.Knowledge{Viewer: v}))
}

func recall(t *testing.T, r *redisstore.Remembrance, id audience.ViewerID) *audience.Viewer {
	t.Helper()
	k, known, err := r.Recall(t.Context(), id)
	require.NoError(t, err)
	require.True(t, known)
	return k.Viewer
}

// again is another process on the same Redis.
func again(t *testing.T, o redisstore.Options, c *redisstore.Client) *redisstore.Client {
	o.Prefix = c.Prefix()
	other, err := redisstore.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	return other
}

func liked(id audience.ViewerID, item string) []audience.Note {
	return []audience.Note{{Viewer: id, Action: &audience.Action{Item: catalog.ItemID(item), Act: audience.Like, At: time.Now()}}}
}

func TestManyDecisionsAreReadAnewOnlyWhenOneChanged(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		here, there := redisstore.NewRemembrance(c), redisstore.NewRemembrance(again(t, opts, c))
		restore(t, here, devoted("v", 100))
		first := recall(t, here, "v")
		require.Len(t, first.Ties(audience.Follows), 100)
		require.Same(t, first, recall(t, here, "v"))
		require.NoError(t, there.Note(t.Context(), liked("v", "i")))
		require.Same(t, first, recall(t, here, "v"), "what was done is no decision")

		elsewhere := recall(t, there, "v")
		changed := audience.NewViewer("v", elsewhere.Ties(audience.Follows), nil)
		require.NoError(t, changed.Block("author-0007", time.Now()))
		require.NoError(t, there.Decide(t.Context(), "v", changed.Changes()))
		require.False(t, recall(t, here, "v").Has(audience.Follows, "author-0007"), "on the very next page of every process")
		require.True(t, recall(t, here, "v").Has(audience.Blocks, "author-0007"))
		require.True(t, recall(t, there, "v").Has(audience.Blocks, "author-0007"))

		require.NoError(t, there.Forget(t.Context(), "v"))
		_, known, err := here.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.False(t, known)
		restore(t, there, devoted("v", 80))
		require.Len(t, recall(t, here, "v").Ties(audience.Follows), 80)
		require.False(t, recall(t, here, "v").Has(audience.Blocks, "author-0007"))
	})
}

func TestFewDecisionsAreReadEachTime(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		r := redisstore.NewRemembrance(connect(t, opts))
		restore(t, r, devoted("v", 63))
		require.NotSame(t, recall(t, r, "v"), recall(t, r, "v"))
	})
}

func TestWhoWritesInTheFormWithoutVersionsIsNotMissed(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		r := redisstore.NewRemembrance(c)
		restore(t, r, devoted("v", 100))
		first := recall(t, r, "v")
		old := former{t, c}
		for _, does := range [][]any{{"HSET", c.WillKey("v"), "t3nobody", "1700000000000"}, nil} { // it decides, and notes
			if does != nil {
				old.do(does...)
			}
			old.do("SET", c.TokenKey("v"), "12345")
			old.do("HSET", c.WillKey("v"), "!", "12345")
			second := recall(t, r, "v")
			require.NotSame(t, first, second)
			require.True(t, second.Has(audience.Blocks, "nobody"))
			require.NotSame(t, second, recall(t, r, "v"), "of what version it is cannot be told")
			require.NoError(t, r.Note(t.Context(), liked("v", "i")))
			third := recall(t, r, "v")
			require.True(t, third.Has(audience.Blocks, "nobody"))
			require.Same(t, third, recall(t, r, "v"))
			first = third
		}
	})
}

func TestManyDecisionsCostNoFurtherRoundTrip(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		r, v := redisstore.NewRemembrance(c), devoted("v", 100)
		restore(t, r, v)
		recall(t, r, "v")
		recall(t, r, "v") // the server learns the script
		h := new(trips)
		c.Hook(h)
		require.EqualValues(t, 1, h.of(func() { recall(t, r, "v") }))
		require.NoError(t, v.Mute("somebody", time.Now()))
		require.NoError(t, r.Decide(t.Context(), "v", v.Changes()))
		require.EqualValues(t, 1, h.of(func() { require.True(t, recall(t, r, "v").Has(audience.Mutes, "somebody")) }))
		require.NoError(t, c.FlushScripts(t.Context()))
		require.EqualValues(t, 2, h.of(func() { require.True(t, recall(t, r, "v").Has(audience.Mutes, "somebody")) }))
		require.EqualValues(t, 1, h.of(func() { recall(t, r, "v") }))
	})
}

func TestEveryProcessKnowsAllDecisionsWhateverItReadBefore(t *testing.T) {
	opts := embedded(t)
	c := connect(t, opts)
	clients := []*redisstore.Client{c, again(t, opts, c), again(t, opts, c)}
	r := rand.New(rand.NewPCG(1, 2))
	truth := devoted("v", 60)
	restore(t, redisstore.NewRemembrance(c), truth)
	for range 400 {
		some := redisstore.NewRemembrance(clients[r.IntN(len(clients))])
		switch r.IntN(4) {
		case 0:
			require.NoError(t, some.Note(t.Context(), liked("v", fmt.Sprint(r.IntN(9)))))
		case 1, 2:
			next := audience.NewViewer("v", append(truth.Ties(audience.Follows), truth.Ties(audience.Mutes)...), nil)
			who := catalog.AuthorID(fmt.Sprintf("author-%04d", r.IntN(130))) // half of them are followed in the end: about as many as are kept
			if err := next.Follow(who, time.Now()); r.IntN(2) == 0 {
				require.NoError(t, err)
				next.Drop(audience.Follows, who, time.Now())
			} else if r.IntN(2) == 0 {
				require.NoError(t, next.Mute(who, time.Now()))
			}
			require.NoError(t, some.Decide(t.Context(), "v", next.Changes()))
			truth = next
		}
		k, known, err := some.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, audience.Knowledge{Viewer: truth}.Digest(), audience.Knowledge{Viewer: k.Viewer}.Digest())
		require.Len(t, k.Viewer.Ties(audience.Follows), len(truth.Ties(audience.Follows)))
	}
}

func TestAProcessKeepsSoManyDecisionsAndNoMore(t *testing.T) {
	c := connect(t, embedded(t))
	r := redisstore.NewRemembrance(c)
	const each, viewers = audience.MaxFollows, redisstore.MostDecisions/audience.MaxFollows + 3
	for i := range viewers {
		v := devoted(audience.ViewerID(fmt.Sprint("v", i)), each)
		restore(t, r, v)
		recall(t, r, v.ID())
	}
	require.Equal(t, redisstore.MostDecisions/each*each, c.HeldDecisions())
	_, err := redisstore.NewEraser(c).Erase(t.Context(), audience.ViewerID(fmt.Sprint("v", viewers-1)))
	require.NoError(t, err)
	require.Equal(t, redisstore.MostDecisions/each*each-each, c.HeldDecisions(), "who is erased is forgotten at once")
	_, err = redisstore.NewWills(c).Erase(t.Context(), audience.ViewerID(fmt.Sprint("v", viewers-2)))
	require.NoError(t, err)
	require.Equal(t, redisstore.MostDecisions/each*each-2*each, c.HeldDecisions(), "and who was erased by another process")
}

func TestErasingCountsDecisionsAndNotTheirVersion(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		restore(t, redisstore.NewRemembrance(c), devoted("v", 100))
		removed, err := redisstore.NewEraser(c).Erase(t.Context(), "v")
		require.NoError(t, err)
		require.EqualValues(t, 100, removed[0].Count)
	})
}
