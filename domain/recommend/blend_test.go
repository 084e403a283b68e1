package recommend

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var everyFeature = func() (all []feature) {
	for f := range feature(numFeatures) {
		if f.standing() {
			all = append(all, f)
		}
	}
	return all
}()

// scatterCandidates gives each candidate features at random.
func scatterCandidates(dice *rand.Rand, n int) []candidate {
	list := make([]candidate, n)
	for i := range list {
		for f := range list[i].features {
			list[i].features[f] = float32(dice.NormFloat64())
		}
	}
	return list
}

func TestABlendLearnsWhatViewersChooseBy(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	b := newBlend(weights{fPopularDay: 0.5}, everyFeature)
	var s standings
	for range 2000 {
		list := scatterCandidates(dice, 50)
		chosen := 0
		for i := range list {
			if list[i].features[fLongTerm] > list[chosen].features[fLongTerm] {
				chosen = i
			}
		}
		s.measure(list, everyFeature)
		b.choose(list, &s, chosen, 2)
	}
	l := b.Learned()
	require.Equal(t, uint64(2000), l.Steps)
	require.Greater(t, l.Weights["longterm"], 2.0)
	for name, w := range l.Weights {
		if name != "longterm" {
			require.InDelta(t, 0, w, 0.4, name)
		}
	}
}

func TestViewersOfEachAcquaintanceHaveWeightsOfTheirOwn(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	b := newBlend(weights{}, everyFeature)
	var s standings
	by := [numAcquaintances]feature{fPopularDay, fPopularDay, fLongTerm, fLongTerm}
	for range 4000 {
		list := scatterCandidates(dice, 50)
		chosen, a := 0, Acquaintance(dice.IntN(numAcquaintances))
		for i := range list {
			if list[i].features[by[a]] > list[chosen].features[by[a]] {
				chosen = i
			}
		}
		s.measure(list, everyFeature)
		b.choose(list, &s, chosen, a)
	}
	for a, f := range by {
		other := fPopularDay + fLongTerm - f
		own, others := b.Weight(Acquaintance(a), featureNames[f]), b.Weight(Acquaintance(a), featureNames[other])
		require.Greater(t, own, max(1, 2*others), "%s for %s", featureNames[f], Acquaintance(a))
	}
}

func TestAcquaintanceGrowsWithLikes(t *testing.T) {
	for likes, want := range map[int]string{0: "0-2", 2: "0-2", 3: "3-11", 11: "3-11", 12: "12-39", 39: "12-39", 40: "40+", historyLength: "40+"} {
		require.Equal(t, want, acquaintanceOf(likes).String(), likes)
	}
}

func TestABlendStaysWithinReachWhateverItIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		prior := weights{}
		for _, f := range everyFeature {
			prior[f] = float32(dice.NormFloat64())
		}
		b := newBlend(prior, everyFeature)
		var s standings
		for range 200 {
			list := scatterCandidates(dice, 1+dice.IntN(20))
			scale := rapid.SampledFrom([]float32{0, 1e-20, 1, 1e18}).Draw(t, "scale")
			for i := range list {
				for f := range list[i].features {
					list[i].features[f] *= scale
				}
				if i > 0 && dice.IntN(4) == 0 {
					list[i].dropped = byMute
				}
			}
			s.measure(list, everyFeature)
			b.choose(list, &s, 0, Acquaintance(dice.IntN(numAcquaintances)))
		}
		for _, a := range Acquaintances() {
			for f, w := range b.of(a) {
				require.InDelta(t, prior[f], w, blendReach+1e-5, featureNames[f])
			}
		}
	})
}

func TestABlendRestoredGoesOnAsIfItHadNeverStopped(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	prior := weights{fSequence: 1}
	whole := newBlend(prior, everyFeature)
	var s standings
	tell := func(b ...*Blend) {
		list := scatterCandidates(dice, 30)
		s.measure(list, everyFeature)
		chosen := dice.IntN(30)
		a := Acquaintance(dice.IntN(numAcquaintances))
		for _, b := range b {
			b.choose(list, &s, chosen, a)
		}
	}
	for range 50 {
		tell(whole)
	}
	again := newBlend(prior, everyFeature)
	again.Restore(whole.Learned())
	for range 50 {
		tell(whole, again)
	}
	require.Equal(t, whole.Learned(), again.Learned())
	for _, a := range Acquaintances() {
		require.Equal(t, whole.of(a), again.of(a))
	}
}

func TestABlendRestoresOnlyWhatItStillLearns(t *testing.T) {
	b := newBlend(weights{fSequence: 1, fQuality: 2}, []feature{fSequence})
	sequence := Leaning{map[string]float64{"sequence": 1.5}, map[string]float64{"sequence": 4}}
	b.Restore(Learned{7, Leaning{map[string]float64{"sequence": 1.5, "quality": 9, "gone": 3}, map[string]float64{"sequence": 4, "quality": 4, "gone": 4}},
		map[string]Leaning{"3-11": {map[string]float64{"sequence": 0.25, "quality": 9}, map[string]float64{"sequence": 101, "quality": 101}}, "gone": sequence}})
	l := b.Learned()
	require.Equal(t, sequence, l.Leaning)
	require.Equal(t, uint64(7), l.Steps)
	require.Equal(t, map[string]float64{"sequence": 0.25}, l.Apart["3-11"].Weights)
	require.Equal(t, map[string]float64{"sequence": 0}, l.Apart["40+"].Weights)
	require.Len(t, l.Apart, numAcquaintances)
	require.Equal(t, []float32{1.5, 1.75}, []float32{b.of(0)[fSequence], b.of(1)[fSequence]})
	require.Equal(t, float32(2), b.of(1)[fQuality])
	b.Restore(Learned{Leaning: Leaning{map[string]float64{"sequence": 99}, map[string]float64{"sequence": 4}}})
	require.Equal(t, float32(1+blendReach), b.of(0)[fSequence], "no stored weight is out of reach")
}

func TestStandings(t *testing.T) {
	list := make([]candidate, 5)
	for i, x := range []float32{1, 2, 3, 4, 1000} {
		list[i].features[fSequence], list[i].features[fQuality] = x, 0.7
	}
	list[4].dropped = bySeen
	var s standings
	s.measure(list, everyFeature)
	require.Equal(t, 4, s.n)
	require.InDelta(t, -1.3416, s.of(&list[0], fSequence), 1e-4)
	require.InDelta(t, 1.3416, s.of(&list[3], fSequence), 1e-4)
	require.Equal(t, float32(farthest), s.of(&list[4], fSequence), "what is dropped is measured by the others, and no farther than counts")
	require.Zero(t, s.of(&list[2], fQuality), "where all are equal nobody stands out")

	s.measure(nil, everyFeature)
	require.Zero(t, s.of(&list[3], fSequence))
}

func TestEveryFeatureHasItsOwnName(t *testing.T) {
	seen := map[string]bool{}
	for f, name := range featureNames {
		require.NotEmpty(t, name, fmt.Sprint(f))
		require.False(t, seen[name], name)
		seen[name] = true
	}
}
