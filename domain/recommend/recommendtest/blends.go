package recommendtest

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// BlendStore is the contract of recommend.BlendStore. Open gives an empty one.
func BlendStore(t *testing.T, open func(t *testing.T) recommend.BlendStore) {
	for name, clause := range map[string]func(*testing.T, recommend.BlendStore){
		"what was never saved is not found":                     noBlend,
		"a blend comes back as it was, to the last bit":         blendComesBack,
		"feeds and keys have blends of their own":               blendsApart,
		"what was learned farther stays":                        farthestStays,
		"of instances that save at once the farthest wins":      farthestOfMany,
		"a save that fails leaves what was there":               failedBlendSave,
		"nothing is shared with the caller":                     blendIsCopied,
		"a blend of which nothing was learned is kept like any": emptyBlend,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func blend(n uint64) recommend.KeptBlend {
	return recommend.KeptBlend{UpTo: 100 * n, Choices: 10 * n, Learned: recommend.Learned{
		Steps: n,
		Leaning: recommend.Leaning{
			Weights: map[string]float64{"sequence": 1 / float64(3*n), "known": -math.Pi * float64(n)},
			Squares: map[string]float64{"sequence": 1 + math.Nextafter(float64(n), 0), "known": 1e-300 + 1e9/float64(n)},
		},
		Apart: map[string]recommend.Leaning{
			"0-2": {Weights: map[string]float64{"known": math.E / float64(n)}, Squares: map[string]float64{"known": float64(n)}},
			"40+": {Weights: map[string]float64{}, Squares: map[string]float64{}},
		},
	}}
}

func keepBlend(t *testing.T, s recommend.BlendStore, feed, key string, b recommend.KeptBlend) {
	t.Helper()
	require.NoError(t, s.Save(t.Context(), feed, key, b))
}

func wantBlend(t *testing.T, s recommend.BlendStore, feed, key string, want recommend.KeptBlend) {
	t.Helper()
	got, err := s.Load(t.Context(), feed, key)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func noBlend(t *testing.T, s recommend.BlendStore) {
	_, err := s.Load(t.Context(), "for-you", "k")
	require.ErrorIs(t, err, recommend.ErrBlendNotFound)
}

func blendComesBack(t *testing.T, s recommend.BlendStore) {
	for n := range uint64(20) {
		keepBlend(t, s, "for-you", "k", blend(n+1))
		wantBlend(t, s, "for-you", "k", blend(n+1))
	}
	far := blend(3)
	far.UpTo, far.Choices, far.Steps = math.MaxInt64, math.MaxInt64, math.MaxInt64
	far.Weights["known"] = math.SmallestNonzeroFloat64
	keepBlend(t, s, "for-you", "k", far)
	wantBlend(t, s, "for-you", "k", far)
}

func blendsApart(t *testing.T, s recommend.BlendStore) {
	names := []string{"a", "b", "A", "a-very-long-name-of-a-feed-that-takes-all-the-room-there-is-for-"}
	require.Len(t, names[3], 64)
	n := uint64(0)
	for _, feed := range names {
		for _, key := range names {
			n++
			keepBlend(t, s, feed, key, blend(n))
		}
	}
	n = 0
	for _, feed := range names {
		for _, key := range names {
			n++
			wantBlend(t, s, feed, key, blend(n))
		}
	}
}

func farthestStays(t *testing.T, s recommend.BlendStore) {
	keepBlend(t, s, "f", "k", blend(5))
	for _, behind := range []uint64{1, 4} {
		keepBlend(t, s, "f", "k", blend(behind))
		wantBlend(t, s, "f", "k", blend(5))
	}
	same := blend(9)
	same.UpTo = blend(5).UpTo
	keepBlend(t, s, "f", "k", same)
	wantBlend(t, s, "f", "k", blend(5))
	next := blend(9)
	next.UpTo = blend(5).UpTo + 1
	keepBlend(t, s, "f", "k", next)
	wantBlend(t, s, "f", "k", next)
}

func farthestOfMany(t *testing.T, s recommend.BlendStore) {
	var all sync.WaitGroup
	for n := range uint64(8) {
		all.Go(func() {
			for turn := range uint64(4) {
				if err := s.Save(t.Context(), "f", "k", blend(1+n+8*turn)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	wantBlend(t, s, "f", "k", blend(32))
}

func failedBlendSave(t *testing.T, s recommend.BlendStore) {
	keepBlend(t, s, "f", "k", blend(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.True(t, fault.Is(s.Save(ctx, "f", "k", blend(2)), fault.Unavailable))
	wantBlend(t, s, "f", "k", blend(1))
	_, err := s.Load(ctx, "f", "k")
	require.True(t, fault.Is(err, fault.Unavailable))
}

func blendIsCopied(t *testing.T, s recommend.BlendStore) {
	b := blend(1)
	keepBlend(t, s, "f", "k", b)
	b.Weights["known"]++
	first, err := s.Load(t.Context(), "f", "k")
	require.NoError(t, err)
	first.Squares["known"]++
	wantBlend(t, s, "f", "k", blend(1))
}

func emptyBlend(t *testing.T, s recommend.BlendStore) {
	empty := recommend.KeptBlend{UpTo: 1, Learned: recommend.Learned{
		Leaning: recommend.Leaning{Weights: map[string]float64{}, Squares: map[string]float64{}}, Apart: map[string]recommend.Leaning{},
	}}
	for n := range 3 {
		keepBlend(t, s, fmt.Sprint(n), "k", empty)
		wantBlend(t, s, fmt.Sprint(n), "k", empty)
	}
}
