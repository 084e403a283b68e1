package recommend_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// ten are items 1 to 10 by ten authors, the first the newest.
func ten() (items []catalog.Snapshot) {
	for n := 1; n <= 10; n++ {
		items = append(items, item(n, fmt.Sprintf("a%d", n), fmt.Sprintf("t%d", n)))
	}
	return items
}

func newestFirst(pins []recommend.Pin, slots ...recommend.Slot) recommend.Definition {
	def := forYou()
	def.Order, def.Pins, def.Slots, def.Explore.Share = recommend.ByNewest, pins, slots, 0
	return def
}

func first(item string, position int) recommend.Pin {
	return recommend.Pin{Item: catalog.ItemID(item), Position: position, Pages: recommend.FirstPage}
}

func every(item string, position int) recommend.Pin {
	return recommend.Pin{Item: catalog.ItemID(item), Position: position, Pages: recommend.EveryPage}
}

func TestPins(t *testing.T) {
	for _, c := range []struct {
		name string
		pins []recommend.Pin
		ask  func(*recommend.Query)
		want []string
	}{
		{"a pin has its place", []recommend.Pin{first("i9", 2)}, nil, []string{"i1", "i9", "i2"}},
		{"the first place, too", []recommend.Pin{first("i9", 1)}, nil, []string{"i9", "i1", "i2"}},
		{"and the last", []recommend.Pin{first("i9", 3)}, nil, []string{"i1", "i2", "i9"}},
		{"one past the end is not there", []recommend.Pin{first("i9", 4)}, nil, []string{"i1", "i2", "i3"}},
		{"a pinned item is not there twice", []recommend.Pin{first("i1", 3)}, nil, []string{"i2", "i3", "i1"}},
		{"neighbours", []recommend.Pin{first("i9", 2), first("i8", 1)}, nil, []string{"i8", "i9", "i1"}},
		{"of two for one place the first has it", []recommend.Pin{first("i9", 2), first("i8", 2)}, nil, []string{"i1", "i9", "i2"}},
		{"pinned twice, it has the first place given", []recommend.Pin{first("i9", 2), first("i9", 1)}, nil, []string{"i1", "i9", "i2"}},
		{"the second page has no pins of the first", []recommend.Pin{first("i9", 1)}, served(1), []string{"i2", "i3", "i4"}},
		{"but those of every page", []recommend.Pin{every("i9", 1)}, served(1), []string{"i9", "i2", "i3"}},
		{"when the first of two was served it is the other's turn", []recommend.Pin{every("i9", 1), every("i8", 1)}, served(9), []string{"i8", "i1", "i2"}},
		{"a session carried by its cursor is not at its first page", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) {
			q.Lost = func(n catalog.Number) bool { return n == 1 }
		}, []string{"i2", "i3", "i4"}},
		{"an unknown item", []recommend.Pin{first("nope", 1)}, nil, []string{"i1", "i2", "i3"}},

		{"the moment it begins", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, From: noon}}, nil, []string{"i9", "i1", "i2"}},
		{"a moment before it begins", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, From: noon.Add(1)}}, nil, []string{"i1", "i2", "i3"}},
		{"a moment before it ends", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, Until: noon.Add(1)}}, nil, []string{"i9", "i1", "i2"}},
		{"the moment it ends", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, Until: noon}}, nil, []string{"i1", "i2", "i3"}},
		{"for a language that is asked for", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, Lang: "en"}}, func(q *recommend.Query) { q.Lang = "en" }, []string{"i9", "i1", "i2"}},
		{"for another", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, Lang: "en"}}, func(q *recommend.Query) { q.Lang = "de" }, []string{"i1", "i2", "i3"}},
		{"for a region nobody asked for", []recommend.Pin{{Item: "i9", Position: 1, Pages: recommend.FirstPage, Region: "EU"}}, nil, []string{"i1", "i2", "i3"}},

		{"muted", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) { must(q.Knowledge.Viewer.Mute("a9", noon)) }, []string{"i1", "i2", "i3"}},
		{"blocked", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) { must(q.Knowledge.Viewer.Block("a9", noon)) }, []string{"i1", "i2", "i3"}},
		{"steered away", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) {
			must(q.Knowledge.Viewer.Steer(audience.Target{Kind: audience.OnItem, ID: "i9"}, audience.Less, noon))
		}, []string{"i1", "i2", "i3"}},
		{"served in the session", []recommend.Pin{every("i9", 1)}, served(9), []string{"i1", "i2", "i3"}},
		{"excluded", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) { q.Exclude = []catalog.ItemID{"i9"} }, []string{"i1", "i2", "i3"}},
		{"outside the narrowing", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) { q.Tag = "t3" }, []string{"i3"}},
		{"resting", []recommend.Pin{first("i9", 1)}, func(q *recommend.Query) {
			q.Knowledge.Memory.Consumed = []audience.Mark{{Item: 9, At: noon}}
		}, []string{"i9", "i1", "i2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pipeline(t, newestFirst(c.pins), ten()...)
			q := query(3)
			if c.ask != nil {
				c.ask(q)
			}
			s := p.Recommend(q)
			require.Equal(t, c.want, ids(s))
			require.Empty(t, s.Relaxed, "nothing gave way for lack of supply")
		})
	}
}

func served(numbers ...catalog.Number) func(*recommend.Query) {
	return func(q *recommend.Query) { q.Served = numbers }
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func TestAPinOfAnExpiredOrHiddenItem(t *testing.T) {
	items := ten()
	items[8].Details.ExpiresAt = noon
	items[9].State = catalog.Hidden
	p := pipeline(t, newestFirst([]recommend.Pin{first("i9", 1), first("i10", 2)}), items...)
	require.Equal(t, []string{"i1", "i2", "i3"}, ids(p.Recommend(query(3))))
}

func TestAPinSaysThatItIsOne(t *testing.T) {
	p := pipeline(t, newestFirst([]recommend.Pin{first("i9", 1)}), ten()...)
	pick := p.Recommend(query(3)).Picks[0]
	require.Equal(t, recommend.Reason{Source: "pinned"}, pick.Reason)
	require.Equal(t, "pinned", pick.Sources[0])
}

func TestPinsMoveUpWhenNothingElseIsLeft(t *testing.T) {
	p := pipeline(t, newestFirst([]recommend.Pin{first("i9", 9), first("i8", 20)}), ten()[6:]...)
	require.Equal(t, []string{"i7", "i10", "i9", "i8"}, ids(p.Recommend(query(20))))
}

func TestNeighboursGiveWayToPins(t *testing.T) {
	pinned := item(9, "a1")
	p := pipeline(t, newestFirst([]recommend.Pin{first("i9", 2)}), item(1, "a1"), item(2, "b"), item(3, "a1"), item(4, "c"), pinned)
	require.Equal(t, []string{"i2", "i9", "i4", "i1"}, ids(p.Recommend(query(4))))

	p = pipeline(t, newestFirst([]recommend.Pin{first("i9", 2)}), item(1, "a1"), item(3, "a1"), pinned)
	s := p.Recommend(query(3))
	require.Equal(t, []string{"i1", "i9", "i3"}, ids(s), "where there is nobody else they stay")
	require.Contains(t, s.Relaxed, "author_adjacent")
}

func TestPinsCountInTheSharesOfThePage(t *testing.T) {
	items := []catalog.Snapshot{item(50, "a"), item(51, "a")}
	for n := 1; n <= 20; n++ {
		items = append(items, item(n, []string{"a", fmt.Sprintf("b%d", n)}[n%2]))
	}
	p := pipeline(t, newestFirst([]recommend.Pin{first("i50", 9), first("i51", 5)}), items...)
	byA := 0
	for _, pick := range p.Recommend(query(10)).Picks {
		if pick.Item.Details.Author == "a" {
			byA++
		}
	}
	require.Equal(t, 2, byA, "a fifth of ten, and both are pinned")
}

func TestSlots(t *testing.T) {
	def := newestFirst(nil, recommend.Slot{Source: "following", From: 2, Every: 2})
	p := pipeline(t, def, ten()...)
	q := query(6)
	require.Equal(t, []string{"i1", "i2", "i3", "i4", "i5", "i6"}, ids(p.Recommend(q)), "a slot of nothing is filled like any other place")

	must(q.Knowledge.Viewer.Follow("a9", noon))
	must(q.Knowledge.Viewer.Follow("a7", noon))
	s := p.Recommend(q)
	require.Equal(t, []string{"i1", "i7", "i2", "i9", "i3", "i4"}, ids(s))
	require.Equal(t, recommend.Reason{Source: "following", Because: "author:a7"}, s.Picks[1].Reason)

	def.Slots[0].Every = 0
	require.Equal(t, []string{"i1", "i7", "i2", "i3", "i4", "i5"}, ids(pipeline(t, def, ten()...).Recommend(q)), "one place alone")

	def.Pins = []recommend.Pin{first("i10", 2)}
	require.Equal(t, []string{"i1", "i10", "i2", "i3", "i4", "i5"}, ids(pipeline(t, def, ten()...).Recommend(q)), "a pin comes first")
}

// A slot's reason is the slot's, even where another source spoke louder for the item.
func TestASlotSaysWhatItIsFor(t *testing.T) {
	def := newestFirst(nil, recommend.Slot{Source: "fresh", From: 1})
	q := query(3)
	must(q.Knowledge.Viewer.Follow("a1", noon))
	pick := pipeline(t, def, ten()...).Recommend(q).Picks[0]
	require.Equal(t, recommend.Reason{Source: "fresh"}, pick.Reason)
	require.Equal(t, []string{"fresh", "following"}, pick.Sources[:2])

	def.Slots[0] = recommend.Slot{Source: "following", From: 1}
	must(q.Knowledge.Viewer.Steer(audience.Target{Kind: audience.OnTag, ID: "t1"}, audience.More, noon))
	require.Equal(t, recommend.Reason{Source: "following", Because: "author:a1"}, pipeline(t, def, ten()...).Recommend(q).Picks[0].Reason)
}

func TestWhatMakesNoSenseIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, field string
		change      func(*recommend.Definition)
	}{
		{"a pin of nothing", "pins", func(d *recommend.Definition) { d.Pins = []recommend.Pin{first("", 1)} }},
		{"a pin before the page", "pins", func(d *recommend.Definition) { d.Pins = []recommend.Pin{first("i1", 0)} }},
		{"a pin past all pages", "pins", func(d *recommend.Definition) { d.Pins = []recommend.Pin{first("i1", 101)} }},
		{"a pin of no page", "pins", func(d *recommend.Definition) { d.Pins = []recommend.Pin{{Item: "i1", Position: 1}} }},
		{"a pin that ends when it begins", "pins", func(d *recommend.Definition) {
			d.Pins = []recommend.Pin{{Item: "i1", Position: 1, Pages: recommend.EveryPage, From: noon, Until: noon}}
		}},
		{"too many pins", "pins", func(d *recommend.Definition) { d.Pins = slices.Repeat([]recommend.Pin{first("i1", 1)}, 101) }},
		{"a slot of a source the feed has not", "slots", func(d *recommend.Definition) { d.Slots = []recommend.Slot{{Source: "trending", From: 1}} }},
		{"a slot before the page", "slots", func(d *recommend.Definition) { d.Slots = []recommend.Slot{{Source: "fresh"}} }},
		{"a slot that goes back", "slots", func(d *recommend.Definition) { d.Slots = []recommend.Slot{{Source: "fresh", From: 1, Every: -1}} }},
		{"too many slots", "slots", func(d *recommend.Definition) {
			d.Slots = slices.Repeat([]recommend.Slot{{Source: "fresh", From: 1}}, 21)
		}},
		{"a share below nothing", "explore", func(d *recommend.Definition) { d.Explore.Share = -0.1 }},
		{"a share of more than all", "explore", func(d *recommend.Definition) { d.Explore.SmallAuthors = 1.1 }},
		{"fewer meetings than none", "explore", func(d *recommend.Definition) { d.Explore.Met = -1 }},
		{"regret before the fact", "regret_half", func(d *recommend.Definition) { d.RegretHalf = -time.Second }},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := forYou()
			require.NoError(t, def.Check())
			c.change(&def)
			err := def.Check()
			require.ErrorIs(t, err, recommend.ErrDefinition)
			require.ErrorContains(t, err, "feed \"for-you\"")
		})
	}
}

// TestSessionOfPagesWithSlots walks whole sessions of feeds with pins, slots and exploration, and checks every page
// against the whole catalogue.
func TestSessionOfPagesWithSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, q := world(t)
		def := forYou()
		def.Explore.Share = rapid.SampledFrom([]float64{0, 0.05, 0.5, 1}).Draw(t, "share")
		number := rapid.IntRange(1, len(items)+3) // some are unknown
		for range rapid.IntRange(0, 6).Draw(t, "pins") {
			def.Pins = append(def.Pins, recommend.Pin{
				Item: catalog.ItemID(fmt.Sprintf("i%d", number.Draw(t, "pinned"))), Position: rapid.IntRange(1, 12).Draw(t, "position"),
				Pages: rapid.SampledFrom([]recommend.Pages{recommend.FirstPage, recommend.EveryPage}).Draw(t, "pages"),
			})
		}
		for range rapid.IntRange(0, 2).Draw(t, "slots") {
			def.Slots = append(def.Slots, recommend.Slot{
				Source: rapid.SampledFrom([]string{"fresh", "explore", "affinity"}).Draw(t, "source"), From: rapid.IntRange(1, 8).Draw(t, "from"), Every: rapid.IntRange(0, 4).Draw(t, "every"),
			})
		}
		p := pipeline(t, def, items...)
		left := map[catalog.Number]catalog.AuthorID{}
		number0 := map[catalog.ItemID]catalog.Number{}
		for i := range items {
			left[items[i].Number], number0[items[i].ID] = items[i].Details.Author, items[i].Number
		}
		last := catalog.AuthorID("")
		for page := 1; len(left) > 0; page++ {
			pinned := map[int]catalog.Number{} // by place, from 0
			held := map[catalog.Number]bool{}
			for _, pin := range def.Pins {
				n, known := number0[pin.Item]
				_, free := left[n]
				if _, taken := pinned[pin.Position-1]; known && free && !taken && !held[n] && pin.Position <= q.Want && (page == 1 || pin.Pages == recommend.EveryPage) {
					pinned[pin.Position-1], held[n] = n, true
				}
			}
			s := p.Recommend(q)
			if want := min(q.Want, len(left)); len(s.Picks) != want {
				t.Fatalf("%d items on a page while %d are left and %d were asked for", len(s.Picks), len(left), q.Want)
			}
			for i, pick := range s.Picks {
				author, fresh := left[pick.Item.Number]
				if !fresh {
					t.Fatalf("item %s again", pick.Item.ID)
				}
				if held[pick.Item.Number] != (pick.Reason.Source == "pinned") {
					t.Fatalf("place %d: %s is there as %q", i, pick.Item.ID, pick.Reason.Source)
				}
				if n, ok := pinned[i]; ok && n != pick.Item.Number && freeOf(left, held, "", "") {
					t.Fatalf("place %d: %s is there, %d is pinned", i, pick.Item.ID, n)
				}
				next := left[pinned[i+1]]
				if !held[pick.Item.Number] && (author == last || author == next && next != "") && freeOf(left, held, last, next) {
					t.Fatalf("place %d: a neighbour by %s while another author was to be had", i, author)
				}
				delete(left, pick.Item.Number)
				q.Served = append(q.Served, pick.Item.Number)
				last = author
			}
		}
	})
}

// freeOf reports whether something is left that is not pinned on this page and by neither author.
func freeOf(left map[catalog.Number]catalog.AuthorID, held map[catalog.Number]bool, one, other catalog.AuthorID) bool {
	for n, a := range left {
		if !held[n] && a != one && a != other {
			return true
		}
	}
	return false
}
