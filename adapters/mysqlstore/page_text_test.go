package mysqlstore

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

func texts(t *rapid.T, name string) []string {
	all := rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, name)
	if len(all) == 0 {
		return nil
	}
	return all
}

func aMoment(t *rapid.T, name string) time.Time {
	if rapid.Bool().Draw(t, name) {
		return time.Time{}
	}
	return time.UnixMilli(rapid.Int64Range(1, 1<<43).Draw(t, name)).UTC()
}

func TestWhatIsWrittenOfAPageIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string { return rapid.String().Draw(t, name) }
		number := func(name string) uint64 { return rapid.Uint64().Draw(t, name) }
		p := feed.Page{
			Number: rapid.Int().Draw(t, "number"), First: rapid.Int().Draw(t, "first"), Want: rapid.Int().Draw(t, "want"),
			ServedAt: aMoment(t, "served"), Rung: feed.Rung(text("rung")), Relaxed: texts(t, "relaxed"), Skipped: texts(t, "skipped"),
			Last: rapid.Bool().Draw(t, "last"),
			Inputs: feed.Inputs{
				Config: text("config"), Catalogue: number("catalogue"), Model: number("model"), Trained: number("trained"),
				Weights: number("weights"), Viewer: number("viewer"),
			},
		}
		for _, id := range texts(t, "exclude") {
			p.Exclude = append(p.Exclude, catalog.ItemID(id))
		}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			p.Items = append(p.Items, feed.Placement{
				Item: catalog.ItemID(text("item")), Number: catalog.Number(number("of item")), Author: catalog.AuthorID(text("author")),
				Score: rapid.Float32().Draw(t, "score"), Chance: rapid.Float32().Draw(t, "chance"),
				Reason: recommend.Reason{Source: text("source"), Because: text("because")}, Sources: texts(t, "sources"),
				RankBefore: rapid.Int().Draw(t, "rank"),
			})
		}
		b, err := appendPage([]byte("before"), &p)
		require.NoError(t, err)
		require.True(t, json.Valid(b[6:]), "%s", b)
		again, err := loadPage(b[6:])
		require.NoError(t, err)
		require.Equal(t, p, again)

		v := feed.Visit{
			ID: feed.SessionID(text("id")), Viewer: audience.ViewerID(text("viewer")), Feed: text("feed"), Definition: text("definition"),
			Narrowing: feed.Narrowing{Tag: text("tag"), Lang: text("lang"), Region: text("region"), Anchor: catalog.ItemID(text("anchor"))},
			Seed:      number("seed"), StartedAt: aMoment(t, "started"), ExpiresAt: aMoment(t, "expires"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "assignments") {
			v.Assignments = append(v.Assignments, experiment.Assignment{Layer: text("layer"), Variant: text("variant")})
		}
		b = appendVisit(nil, &v)
		require.True(t, json.Valid(b), "%s", b)
		visit, err := loadVisit(b)
		require.NoError(t, err)
		require.Equal(t, v, visit)
	})
}

// Which of two pages gives way is told by this text, see givesWay.
func TestAFullPageSaysSoInOneWay(t *testing.T) {
	b, err := appendPage(nil, &feed.Page{Rung: feed.Full, Items: []feed.Placement{{Item: `"rung":"full"`}}})
	require.NoError(t, err)
	require.Contains(t, string(b), `"rung":"full"`)
	b, err = appendPage(nil, &feed.Page{Rung: feed.Popular, Items: []feed.Placement{{Item: `"rung":"full"`}}})
	require.NoError(t, err)
	require.NotContains(t, string(b), `"rung":"full"`)
}

func TestAPageWithAScoreThatIsNoNumberIsNotWritten(t *testing.T) {
	for _, score := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		_, err := appendPage(nil, &feed.Page{Items: []feed.Placement{{Score: score}}})
		require.Error(t, err)
		_, err = appendPage(nil, &feed.Page{Items: []feed.Placement{{Chance: score}}})
		require.Error(t, err)
	}
}

func TestAPageIsWrittenForTheArchiveInNoAllocation(t *testing.T) {
	p := feed.Page{Number: 1, First: 1, Rung: feed.Full, ServedAt: time.Now()}
	for range 20 {
		p.Items = append(p.Items, feed.Placement{
			Item: "video-0001", Number: 1 << 50, Author: "author", Score: 0.25, Reason: recommend.Reason{Source: "fresh"}, Sources: []string{"fresh", "trending"}, RankBefore: 12,
		})
	}
	b := make([]byte, 0, 8<<10)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = appendPage(b, &p) }))
}
