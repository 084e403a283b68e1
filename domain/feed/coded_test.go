package feed

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
)

// plainCode is a filter coded bit by bit, as its comment says.
func plainCode(f Filter) []byte {
	b := binary.AppendUvarint(nil, uint64(len(f.hashes)))
	if len(f.hashes) == 0 {
		return b
	}
	k := riceParameter(len(f.hashes))
	var ones []uint32
	prev := uint32(0)
	for _, h := range f.hashes {
		for range (h - prev) >> k {
			ones = append(ones, 1)
		}
		ones = append(ones, 0)
		for i := k - 1; i >= 0; i-- {
			ones = append(ones, (h-prev)>>i&1)
		}
		prev = h
	}
	b = append(b, byte(k))
	for some := range slices.Chunk(ones, 8) {
		c := byte(0)
		for i, bit := range some {
			c |= byte(bit) << (7 - i)
		}
		b = append(b, c)
	}
	return b
}

func someHashes(t *rapid.T) []uint32 {
	most := rapid.SampledFrom([]uint32{3, 1000, 1<<filterBits - 1}).Draw(t, "up to")
	hashes := rapid.SliceOfN(rapid.Uint32Range(0, most), 0, 300).Draw(t, "hashes")
	slices.Sort(hashes)
	return hashes
}

func TestAFilterIsCodedAsItAlwaysWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Filter{someHashes(t)}
		coded := f.AppendTo([]byte("x"))[1:]
		require.Equal(t, plainCode(f), coded)
		back, ok := DecodeFilter(coded)
		require.True(t, ok)
		require.True(t, slices.Equal(f.hashes, back.hashes))
	})
}

func TestAFilterCoversWhatIsInIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, o := Filter{someHashes(t)}, Filter{someHashes(t)}
		all := true
		for _, h := range o.hashes {
			all = all && slices.Contains(f.hashes, h)
		}
		require.Equal(t, all, f.Covers(o))
		require.True(t, f.Covers(f))
	})
}

func TestTheFilterOfASessionIsTheSameInWhateverStepsItGrew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) catalog.Number { return catalog.Number(rapid.IntRange(1, 40).Draw(t, "number")) }), 0, 200)
		lost := Filter{}.With(7, numbers.Draw(t, "lost"))
		s := Recall(Visit{Seed: 7}, nil, 0, lost, nil)
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			s.served = append(s.served, numbers.Draw(t, "served")...)
			upTo := rapid.IntRange(0, len(s.served)).Draw(t, "up to")
			var want []uint32
			for _, n := range s.served[:upTo] {
				if !lost.MayHold(7, n) {
					want = append(want, filterHash(7, n))
				}
			}
			want = append(want, lost.hashes...)
			slices.Sort(want)
			require.True(t, slices.Equal(want, s.filter(upTo).hashes))
		}
	})
}
