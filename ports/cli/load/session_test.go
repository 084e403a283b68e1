package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestZipfDrawsWhatItsExponentSays(t *testing.T) {
	for _, s := range []float64{0, 0.5, 1, 1.3} {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			const n, draws = 50, 200_000
			z, rng := newZipf(n, s), rand.New(rand.NewPCG(1, 2))
			got := make([]int, n+1)
			for range draws {
				got[z.draw(rng)]++
			}
			total := 0.0
			for k := 1; k <= n; k++ {
				total += math.Pow(float64(k), -s)
			}
			for k := 1; k <= n; k++ {
				want := draws * math.Pow(float64(k), -s) / total
				require.InDelta(t, want, got[k], 6*math.Sqrt(want), "number %d", k)
			}
		})
	}
}

func TestZipfStaysWithinItsNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1_000_000).Draw(t, "n")
		z := newZipf(n, rapid.Float64Range(0, 10).Draw(t, "s"))
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range 50 {
			if k := z.draw(rng); k < 1 || k > n {
				t.Fatalf("%d of %d", k, n)
			}
		}
	})
}

func TestOneSeedGivesOneAudience(t *testing.T) {
	o := Defaults(Closed)
	a, b := newAudience(&o, time.Unix(1, 0)), newAudience(&o, time.Unix(1, 0))
	for n := range uint64(50) {
		one, two := a.arrive(n), b.arrive(n)
		require.Equal(t, one, two)
		for _, s := range []*session{one, two} {
			s.id, s.shown = "s", []shown{{"a", "ca", 1}, {"b", "cb", 2}, {"c", "cc", 3}}
		}
		require.Equal(t, a.react(one, nil), b.react(two, nil))
	}
}

func TestSessionsAreAsLongAsSaidOnAverage(t *testing.T) {
	for _, pages := range []float64{1, 4, 20} {
		o := Defaults(Closed)
		o.Pages = pages
		a, total := newAudience(&o, time.Unix(1, 0)), 0
		for n := range uint64(20_000) {
			total += a.arrive(n).left
		}
		require.InEpsilon(t, pages, float64(total)/20_000, 0.03)
	}
}

func TestTheHotViewerHasItsShare(t *testing.T) {
	o := Defaults(Closed)
	o.Hot = 0.3
	a, hot := newAudience(&o, time.Unix(1, 0)), 0
	for n := range uint64(20_000) {
		if a.arrive(n).viewer == "load-hot" {
			hot++
		}
	}
	require.InDelta(t, 0.3, float64(hot)/20_000, 0.01)
}

func TestViewersSeeThePageFromTheTopAndActOnItsShare(t *testing.T) {
	o := Defaults(Closed)
	a := newAudience(&o, time.Unix(1, 0))
	seen, acted, ids := make([]int, 20), make([]int, 20), map[string]bool{}
	for n := range uint64(5000) {
		s := a.arrive(n)
		s.id = fmt.Sprint("s", n)
		for i := range 20 {
			s.shown = append(s.shown, shown{fmt.Sprint(i), fmt.Sprint("c", i), int64(i + 1)})
		}
		touched := map[string]bool{}
		for _, e := range a.react(s, nil) {
			require.False(t, ids[e.id], "an event's id is its own")
			ids[e.id] = true
			require.Equal(t, "c"+e.item, e.context, "as served")
			require.LessOrEqual(t, e.watched, e.of)
			var at int
			_, err := fmt.Sscan(e.item, &at)
			require.NoError(t, err)
			if e.kind == "seen" {
				seen[at]++
			} else if !touched[e.item] {
				touched[e.item] = true
				acted[at]++
			}
		}
	}
	require.Equal(t, 5000, seen[0])
	require.True(t, slices.IsSortedFunc(seen, func(a, b int) int { return b - a }), "from the top down: %v", seen)
	total, met := 0, 0
	for i := range acted {
		total, met = total+acted[i], met+seen[i]
	}
	require.InDelta(t, o.Acting, float64(total)/float64(met), 0.01)
	require.Greater(t, acted[0], 3*acted[9])
}

func TestBrokenPromisesAreNoticed(t *testing.T) {
	whole := func() *page {
		return &page{Session: "s", Number: 2, Rung: "full", Cursor: "c", Items: []shown{{"b", "cb", 1}, {"c", "cc", 2}}}
	}
	for name, c := range map[string]struct {
		alter     func(p *page)
		malformed string
		repeats   int
	}{
		"nothing is wrong":           {func(*page) {}, "", 0},
		"an item came before":        {func(p *page) { p.Items[1].ID = "a" }, "", 1},
		"an item comes twice":        {func(p *page) { p.Items[1].ID = "b" }, "", 1},
		"both":                       {func(p *page) { p.Items = append(p.Items, shown{"a", "ca", 3}, shown{"b", "cb", 4}) }, "", 2},
		"another session":            {func(p *page) { p.Session = "t" }, "page 2 of session s belongs to session t", 0},
		"another number":             {func(p *page) { p.Number = 3 }, "page 2 of session s calls itself page 3", 0},
		"no session":                 {func(p *page) { p.Session = "" }, "a page without session or rung", 0},
		"no rung":                    {func(p *page) { p.Rung = "" }, "a page without session or rung", 0},
		"more items than asked for":  {func(p *page) { p.Items = append(p.Items, shown{"d", "x", 3}, shown{"e", "x", 4}, shown{"f", "x", 5}) }, "page 2 of session s has 5 items", 0},
		"an item without its id":     {func(p *page) { p.Items[0].ID = "" }, "page 2 of session s has an item without id or context", 0},
		"an item without a context":  {func(p *page) { p.Items[1].Context = "" }, "page 2 of session s has an item without id or context", 0},
		"as many items as asked for": {func(p *page) { p.Items = append(p.Items, shown{"d", "x", 3}, shown{"e", "x", 4}) }, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &session{id: "s", number: 1, left: 3, cursor: "b", met: map[string]struct{}{"a": {}}}
			p := whole()
			c.alter(p)
			malformed, repeats := s.take(p, 4)
			require.Equal(t, c.malformed, malformed)
			require.Equal(t, c.repeats, repeats)
		})
	}
}

func TestRepeatsFailTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Defaults(Closed)
		o.WarmUp, o.Duration, o.Connections, o.Pages = 0, time.Second, 1, 1000
		slow := func(time.Time) time.Duration { return 100 * time.Millisecond }
		require.NoError(t, under(t, o, &pretend{takes: slow}).Failure())

		r := under(t, o, &pretend{takes: slow, alter: func(p *page) {
			if p.Number == 2 {
				p.Items[0].ID = "i0"
			}
		}})
		require.EqualValues(t, 1, r.Promises.Repeats)
		require.Len(t, r.Promises.Examples, 1)
		require.EqualError(t, r.Failure(), "promises were broken: 1 items served twice in a session, 0 malformed answers")

		r = under(t, o, &pretend{takes: slow, fails: func() error { return &failure{class: noConnection} }})
		require.EqualError(t, r.Failure(), "no request was answered well")
		require.EqualValues(t, map[string]int64{noConnection: 5}, r.Errors, "who cannot connect rests")
	})
}
