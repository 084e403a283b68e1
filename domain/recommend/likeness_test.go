package recommend

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// census is a view of so many items in which the n-th term is carried by n of them, whatever the field.
type census struct {
	View
	items int
}

func (c census) Len() int { return c.items }

func (c census) Carriers(_ Field, terms []Term, into []uint32) {
	for i, t := range terms {
		into[i] = uint32(min(int(t), c.items))
	}
}

func someTerms(t *rapid.T, most int, name string) []Term {
	var terms []Term
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 30), 0, most, rapid.ID[int]).Draw(t, name) {
		terms = append(terms, Term(n))
	}
	return terms
}

func someTraits(t *rapid.T, name string) *Traits {
	return &Traits{Author: Term(rapid.IntRange(0, 30).Draw(t, name+" author")), Tags: someTerms(t, 6, name+" tags"), Words: someTerms(t, MaxWords, name+" words")}
}

func alike(v View, to *Traits, liked ...*Traits) float32 {
	var acts []past
	for _, t := range liked {
		acts = append(acts, past{traits: t, worth: 1})
	}
	var l likeness
	l.like(&run{view: v}, acts)
	return l.of(to)
}

func TestLikeness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := census{items: rapid.IntRange(0, 100).Draw(t, "items")}
		a, b, c := someTraits(t, "a"), someTraits(t, "b"), someTraits(t, "c")
		ab, ba := alike(v, a, b), alike(v, b, a)
		require.True(t, ab >= 0 && ab <= 1, "%v", ab)
		require.Equal(t, ab > 0, ba > 0, "what two items have in common, they have in common")
		both := alike(v, a, b, c)
		require.True(t, both >= 0 && both <= 1, "%v", both)
		require.Equal(t, both > 0, ab > 0 || alike(v, a, c) > 0)
		require.Zero(t, alike(v, &Traits{}, b), "an item without text is like nothing")
		require.Zero(t, alike(v, a, &Traits{}))
		require.Zero(t, alike(v, a))
		if len(a.Words) > 0 {
			fewer := *a
			fewer.Words = a.Words[1:]
			other := *a
			other.Words = append([]Term{31}, a.Words[1:]...)
			require.GreaterOrEqual(t, alike(v, a, a), alike(v, &other, a), "another word in its place makes it less like it")
		}
	})
}

func TestWhatFewHaveSaysMore(t *testing.T) {
	v := census{items: 1000}
	liked := &Traits{Words: []Term{2, 500}}
	require.Greater(t, alike(v, &Traits{Words: []Term{2, 7}}, liked), 3*alike(v, &Traits{Words: []Term{500, 7}}, liked))
	require.Zero(t, alike(v, &Traits{Words: []Term{1}}, &Traits{Words: []Term{1}}), "what no other item has, no other item shares")
	require.InDelta(t, 1, alike(v, &Traits{Tags: []Term{3}}, &Traits{Tags: []Term{3}}), 1e-6)
}

func TestWhatWasLikedLastSaysMost(t *testing.T) {
	v := census{items: 1000}
	x, y := &Traits{Words: []Term{5}}, &Traits{Words: []Term{6}}
	require.Greater(t, alike(v, x, x, y), alike(v, y, x, y))
	var longAgo []*Traits
	for range likenessLength {
		longAgo = append(longAgo, x)
	}
	require.Zero(t, alike(v, y, append(longAgo, y)...))
}

func TestLikenessAllocatesNothingForACandidate(t *testing.T) {
	v := census{items: 1000}
	a := &Traits{Author: 3, Tags: []Term{1, 2, 3}, Words: []Term{4, 5, 6}}
	var l likeness
	l.like(&run{view: v}, []past{{traits: a, worth: 1}})
	require.Zero(t, testing.AllocsPerRun(100, func() { l.of(a) }))
}
