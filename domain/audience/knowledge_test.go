package audience_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

func did(act audience.Act, id catalog.ItemID, at time.Time, watched, duration time.Duration) audience.Knowledge {
	return audience.Knowledge{Actions: []audience.Action{{Act: act, Item: id, At: at, Watched: watched, Duration: duration}}}
}

func stands(ties ...audience.Tie) audience.Knowledge {
	return audience.Knowledge{Viewer: audience.NewViewer("v", ties, nil)}
}

func steers(kind audience.TargetKind, id string, d audience.Direction) audience.Knowledge {
	return audience.Knowledge{Viewer: audience.NewViewer("v", nil, []audience.Decision{{Target: audience.Target{Kind: kind, ID: id}, Direction: d, At: noon}})}
}

func TestDigestsTellKnowledgeApart(t *testing.T) {
	known := map[string]audience.Knowledge{
		"nothing":                     {},
		"an act":                      did(audience.Open, "a", noon, 2*time.Second, time.Minute),
		"another act":                 did(audience.Seen, "a", noon, 2*time.Second, time.Minute),
		"the act on another item":     did(audience.Open, "b", noon, 2*time.Second, time.Minute),
		"another act on another item": did(audience.Seen, "b", noon, 2*time.Second, time.Minute),
		"the act a millisecond later": did(audience.Open, "a", noon.Add(time.Millisecond), 2*time.Second, time.Minute),
		"the act, watched longer":     did(audience.Open, "a", noon, 2*time.Second+time.Millisecond, time.Minute),
		"the act on a longer item":    did(audience.Open, "a", noon, 2*time.Second, time.Minute+time.Millisecond),
		"the act, watched to the end": did(audience.Open, "a", noon, time.Minute, 2*time.Second),
		"a follow":                    stands(tie(audience.Follows, "b")),
		"a follow of another":         stands(tie(audience.Follows, "a")),
		"a mute":                      stands(tie(audience.Mutes, "b")),
		"a mute of another":           stands(tie(audience.Mutes, "a")),
		"a block":                     stands(tie(audience.Blocks, "b")),
		"a tie and a tie crosswise":   stands(tie(audience.Follows, "a"), tie(audience.Mutes, "b")),
		"the other cross":             stands(tie(audience.Follows, "b"), tie(audience.Mutes, "a")),
		"more of an item":             steers(audience.OnItem, "a", audience.More),
		"less of it":                  steers(audience.OnItem, "a", audience.Less),
		"more of another":             steers(audience.OnItem, "b", audience.More),
		"more of an author":           steers(audience.OnAuthor, "a", audience.More),
		"more of a tag":               steers(audience.OnTag, "a", audience.More),
	}
	names := map[uint64]string{}
	for name, k := range known {
		if other, taken := names[k.Digest()]; taken {
			t.Errorf("%s and %s look the same", name, other)
		}
		names[k.Digest()] = name
	}
}

func TestDigestsTellPairsOfAlikeNamesApart(t *testing.T) {
	pairs := map[uint64]string{}
	for i := range 100 {
		for j := range i {
			one, other := catalog.AuthorID(fmt.Sprintf("%02d", i)), catalog.AuthorID(fmt.Sprintf("%02d", j))
			digest := stands(tie(audience.Follows, one), tie(audience.Follows, other)).Digest()
			require.Empty(t, pairs[digest], "beside %s and %s", one, other)
			pairs[digest] = string(one + " and " + other)
		}
	}
}

func TestADigestForgetsWhatIsNotTheViewersDoing(t *testing.T) {
	k := did(audience.PlayProgress, "a", noon, time.Second, time.Minute)
	want := k.Digest()
	k.Viewer = audience.NewViewer("v", nil, nil)
	k.Memory = audience.Memory{Served: []audience.Mark{{Item: 1, At: noon}}, Seen: []audience.Mark{{Item: 2, At: noon}}}
	require.Equal(t, want, k.Digest())
}

func TestADigestDoesNotDependOnTheOrderOfReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			actions   []audience.Action
			ties      []audience.Tie
			decisions []audience.Decision
		)
		for i := range rapid.IntRange(0, 12).Draw(t, "size") {
			actions = append(actions, audience.Action{
				Act: rapid.SampledFrom(audience.Acts()).Draw(t, "act"), Item: catalog.ItemID(rapid.StringMatching(`[ab]{1,2}`).Draw(t, "item")),
				At: noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Second),
			})
			ties = append(ties, tie(audience.Relation(1+i%3), catalog.AuthorID(fmt.Sprint(i))))
			decisions = append(decisions, audience.Decision{Target: item(fmt.Sprint(i)), Direction: audience.More, At: noon})
		}
		digest := func() uint64 {
			return audience.Knowledge{Viewer: audience.NewViewer("v", ties, decisions), Actions: actions}.Digest()
		}
		before := digest()
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		random.Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
		slices.Reverse(ties)
		slices.Reverse(decisions)
		require.Equal(t, before, digest())

		if len(actions) > 0 {
			actions = actions[1:]
			require.NotEqual(t, before, digest(), "one act less is less")
		}
	})
}
