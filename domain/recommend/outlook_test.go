package recommend

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// evenly has so many meetings, of which a share came to each outcome.
func evenly(opened float32, came map[Outcome]float32) (t Outcomes) {
	t[Opened] = opened
	for o, n := range came {
		t[o] = n
	}
	return t
}

func TestWhatIsExpectedOfAnItem(t *testing.T) {
	all := evenly(900, map[Outcome]float32{Liked: 95, Skipped: 180}) // with 100 at the outset: .1 and .2
	for _, c := range []struct {
		name                 string
		viewer, item, author Outcomes
		like, skip           float64
	}{
		{name: "nothing is known: as usual", like: 0.1, skip: 0.2},
		{name: "the item is as usual", item: evenly(10, map[Outcome]float32{Liked: 1, Skipped: 2}),
			author: evenly(10, map[Outcome]float32{Liked: 1, Skipped: 2}), like: 0.1, skip: 0.2},
		{name: "as many meetings as the prior weighs", item: evenly(50, map[Outcome]float32{Liked: 25}),
			author: evenly(50, map[Outcome]float32{Liked: 25}), like: (25 + 5) / 100.0, skip: 10 / 100.0},
		{name: "one like", item: evenly(1, map[Outcome]float32{Liked: 1}), author: evenly(1, map[Outcome]float32{Liked: 1}),
			like: 6 / 51.0, skip: 10 / 51.0},
		{name: "a new item by an author who is liked", author: evenly(100, map[Outcome]float32{Liked: 90}), like: (90 + 10) / 200.0, skip: 20 / 200.0},
		{name: "its own meetings do not count for its author again", item: evenly(50, map[Outcome]float32{Liked: 50}),
			author: evenly(150, map[Outcome]float32{Liked: 50}), like: (50 + 50*10/200.0) / 100, skip: 50 * 20 / 200.0 / 100},
		{name: "a viewer who likes more than others", viewer: evenly(20, map[Outcome]float32{Liked: 8, Skipped: 4}),
			like: (8 + 2) / 40.0, skip: 0.2},
		{name: "no habit moves the odds farther than by e²", viewer: evenly(200, map[Outcome]float32{Liked: 200, Skipped: 40}),
			like: 1 / (1 + 9*math.Exp(-2)), skip: 0.2},
		{name: "the author's counts may lag behind", item: evenly(50, map[Outcome]float32{Liked: 25}), like: 0.3, skip: 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStakes(map[string]float32{"like": 1, "skip": -1})
			var o outlook
			o.begin(&s, &all, &c.viewer)
			p := o.of(&c.item, &c.author)
			require.Equal(t, float32(1), p[Opened])
			require.InDelta(t, c.like, p[Liked], 1e-6)
			require.InDelta(t, c.skip, p[Skipped], 1e-6)
			require.Zero(t, p[Shared], "what is worth nothing is not looked at")
		})
	}
}

func TestWhatExpectationsAddToAValue(t *testing.T) {
	unknown, all := Outcomes{}, evenly(900, map[Outcome]float32{Liked: 95, Skipped: 180})
	for _, c := range []struct {
		name    string
		actions map[string]float32
		like    float32
		want    float64
	}{
		{"open alone", map[string]float32{"open": 3}, 0.9, 0},
		{"open alone, which is worth nothing", map[string]float32{"open": 0}, 0.9, 0},
		{"open alone, which is worth less", map[string]float32{"open": -1}, 0.9, 0},
		{"as usual", map[string]float32{"like": 1}, 0.1, 0},
		{"liked more", map[string]float32{"like": 1}, 0.2, math.Log(1.2 / 1.1)},
		{"likes alone are worth something", map[string]float32{"open": 0, "like": 1}, 0.2, math.Log(2)},
		{"at the knee", map[string]float32{"open": 0, "like": 1}, 0.01, math.Log(0.1)},
		{"below the knee along the tangent", map[string]float32{"open": 0, "like": 1}, 0.005, math.Log(0.1) - 0.5},
		{"worth nothing", map[string]float32{"open": 0, "like": 1}, 0, math.Log(0.1) - 1},
		{"worth less than nothing", map[string]float32{"like": -2}, 0.6, math.Log(0.1) - (0.1+0.2/0.8)/0.1},
		{"far less", map[string]float32{"like": -2}, 0.9, -gainReach},
		{"what is usual is no good", map[string]float32{"open": 0, "like": -1}, 0.2, -1},
		{"nor is less of it bad", map[string]float32{"open": 0, "like": -1}, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStakes(c.actions)
			var o outlook
			o.begin(&s, &all, &unknown)
			require.InDelta(t, c.want, o.gain(&[NumOutcomes]float32{Opened: 1, Liked: c.like, Skipped: 0.2}), 1e-5)
		})
	}
}

// drawOutcomes draws counts that can be.
func drawOutcomes(t *rapid.T, name string) (out Outcomes) {
	out[Opened] = rapid.SampledFrom([]float32{0, 0.01, 1, 3, 50, 1e4, 1e9}).Draw(t, name)
	for o := Opened + 1; o < NumOutcomes; o++ {
		out[o] = out[Opened] * rapid.Float32Range(0, 1).Draw(t, o.String())
	}
	return out
}

func drawStakes(t *rapid.T) stakes {
	actions := map[string]float32{}
	for _, name := range ActionNames() {
		if rapid.Bool().Draw(t, name) {
			actions[name] = rapid.SampledFrom([]float32{-1000, -10, -1, -0.1, 0, 1e-6, 0.1, 1, 10, 1000}).Draw(t, "weight")
		}
	}
	return newStakes(actions)
}

func TestWhatIsUnknownAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, all, viewer := drawStakes(t), drawOutcomes(t, "all"), drawOutcomes(t, "viewer")
		var o outlook
		o.begin(&s, &all, &viewer)
		p := o.of(&Outcomes{}, &Outcomes{})
		require.Zero(t, o.gain(&p))
	})
}

func TestMoreOfWhatIsGoodNeverLowersAValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStakes(t)
		all, viewer, item, author := drawOutcomes(t, "all"), drawOutcomes(t, "viewer"), drawOutcomes(t, "item"), drawOutcomes(t, "author")
		var o outlook
		o.begin(&s, &all, &viewer)
		p := o.of(&item, &author)
		before := o.gain(&p)
		require.LessOrEqual(t, math.Abs(float64(before)), float64(gainReach))
		for a, x := range p {
			require.True(t, x >= 0 && x <= 1, "%s %v", Outcome(a), x)
		}
		a := Outcome(rapid.IntRange(1, int(NumOutcomes)-1).Draw(t, "more of"))
		more := rapid.Float32Range(0, 1).Draw(t, "more") * (item[Opened] - item[a])
		item[a] += more
		if rapid.Bool().Draw(t, "the author's, too") {
			author[a] += more
		}
		p = o.of(&item, &author)
		const rounding = 1e-4
		switch after := o.gain(&p); {
		case s.each[a] > 0:
			require.GreaterOrEqual(t, after, before-rounding)
		case s.each[a] < 0:
			require.LessOrEqual(t, after, before+rounding)
		default:
			require.Equal(t, before, after)
		}
	})
}
