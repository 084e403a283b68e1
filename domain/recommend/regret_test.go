package recommend_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// regretOf asks what the page's explanation says of item 1 after the acts.
func regretOf(t *testing.T, change func(*recommend.Definition), acts ...audience.Action) float32 {
	def := forYou()
	if change != nil {
		change(&def)
	}
	p := pipeline(t, def, item(1, "a", "x", "y"), item(2, "a", "z"), item(3, "b", "x"), item(4, "c", "w"))
	q := query(4)
	q.Debug, q.Knowledge.Actions = true, acts
	for _, pick := range p.Recommend(q).Picks {
		for _, term := range pick.Terms {
			if pick.Item.ID == "i1" && term.Feature == "regret" {
				return term.Value
			}
		}
	}
	return 0
}

func acted(act audience.Act, item string, ago time.Duration) audience.Action {
	return audience.Action{Item: catalog.ItemID(item), Act: act, At: noon.Add(-ago)}
}

func TestRegret(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for _, c := range []struct {
		name string
		acts []audience.Action
		want float32
	}{
		{"nothing was said", nil, 0},
		{"of others", []audience.Action{acted(audience.Skip, "i4", 0)}, 0},
		{"against its author", []audience.Action{acted(audience.Skip, "i2", 0)}, 0.5},
		{"against one of its two tags", []audience.Action{acted(audience.Skip, "i3", 0)}, 0.25},
		{"against its author and its tags", []audience.Action{acted(audience.Skip, "i1", 0)}, 1},
		{"two weeks ago", []audience.Action{acted(audience.Skip, "i2", 2*week)}, 0.5 / 1.5},
		{"four weeks ago", []audience.Action{acted(audience.Skip, "i2", 4*week)}, 0.25 / 1.25},
		{"in the future, by a clock that is ahead", []audience.Action{acted(audience.Skip, "i2", -week)}, 0.5},
		{"twice", []audience.Action{acted(audience.Skip, "i2", 0), acted(audience.Skip, "i2", 0)}, 2. / 3},
		{"for and against", []audience.Action{acted(audience.Like, "i2", 0), acted(audience.Skip, "i2", 0)}, 1. / 3},
		{"for alone", []audience.Action{acted(audience.Like, "i2", 0)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) { require.InDelta(t, c.want, regretOf(t, nil, c.acts...), 1e-5) })
	}
	require.Zero(t, regretOf(t, func(d *recommend.Definition) { d.RegretHalf = 0 }, acted(audience.Skip, "i2", 0)), "a feed may forget at once")
}

// Somebody who skipped an author sees less of them, and weeks later as much as ever.
func TestRegretFades(t *testing.T) {
	def := forYou()
	def.Explore.Share, def.Weights = 0, map[string]float32{"freshness": 1, "regret": -2}
	p := pipeline(t, def, ten()...)
	rank := func(ago time.Duration) int {
		q := query(10)
		for range 3 {
			q.Knowledge.Actions = append(q.Knowledge.Actions, acted(audience.Skip, "i1", ago))
		}
		for i, id := range ids(p.Recommend(q)) {
			if id == "i1" {
				return i + 1
			}
		}
		return 0
	}
	now, later, long := rank(time.Hour), rank(42*24*time.Hour), rank(300*24*time.Hour)
	require.Greater(t, now, 5)
	require.Less(t, later, now)
	require.Equal(t, 1, long)
}
