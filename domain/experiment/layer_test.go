package experiment_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/fault"
)

func TestLayersAreChecked(t *testing.T) {
	type variants = []experiment.Variant
	for _, c := range []struct {
		name  string
		layer experiment.Layer
		want  error
		field string
	}{
		{"a name is enough", experiment.Layer{Name: "l"}, nil, ""},
		{"no name", experiment.Layer{Salt: "s"}, experiment.ErrLayerName, "name"},
		{"a variant without a name", experiment.Layer{Name: "l", Variants: variants{{Share: 1}}}, experiment.ErrLayerName, "variants"},
		{"a variant twice", experiment.Layer{Name: "l", Variants: variants{{Name: "a"}, {Name: "b"}, {Name: "a"}}}, experiment.ErrLayerName, "variants"},
		{"no share", experiment.Layer{Name: "l", Variants: variants{{Name: "a", Share: 0}}}, nil, ""},
		{"less than none", experiment.Layer{Name: "l", Variants: variants{{Name: "a", Share: -1}}}, experiment.ErrShares, "share"},
		{"all buckets", experiment.Layer{Name: "l", Variants: variants{{Name: "a", Share: 9_999}, {Name: "b", Share: 1}}}, nil, ""},
		{"one more", experiment.Layer{Name: "l", Variants: variants{{Name: "a", Share: 9_999}, {Name: "b", Share: 2}}}, experiment.ErrShares, "share"},
		{"so many that their sum overflows", experiment.Layer{Name: "l", Variants: variants{{Name: "a", Share: 1}, {Name: "b", Share: math.MaxInt}}}, experiment.ErrShares, "share"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.layer.Check()
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				require.Equal(t, c.field, fault.Of(err).Field())
			}
		})
	}
}

func layer(name, salt string, shares ...int) experiment.Layer {
	l := experiment.Layer{Name: name, Salt: salt}
	for i, share := range shares {
		l.Variants = append(l.Variants, experiment.Variant{Name: string(rune('a' + i)), Share: share})
	}
	return l
}

// named is the viewer's variant, or "".
func named(l experiment.Layer, viewer string) string {
	if v := l.Assign(viewer); v != nil {
		return v.Name
	}
	return ""
}

// in finds a viewer in the bucket.
func in(l experiment.Layer, bucket int) string {
	for i := 0; ; i++ {
		if v := fmt.Sprint("viewer-", i); l.Bucket(v) == bucket {
			return v
		}
	}
}

func TestVariantsDivideTheBuckets(t *testing.T) {
	l := layer("l", "s", 100, 0, 400)
	for bucket, want := range map[int]string{0: "a", 99: "a", 100: "c", 499: "c", 500: "", 9_999: ""} {
		require.Equal(t, want, named(l, in(l, bucket)), "bucket %d", bucket)
	}
	all := layer("l", "s", experiment.Buckets)
	require.Equal(t, "a", named(all, in(all, 9_999)))
}

// The numbers may never change: a viewer would change sides in the middle of an experiment.
func TestBucketsOutliveReleases(t *testing.T) {
	for _, c := range []struct {
		name, salt, viewer string
		bucket             int
	}{
		{"ranking", "2026-05", "viewer-1", 3056},
		{"ranking", "2026-05", "viewer-2", 3496},
		{"ranking", "", "viewer-1", 2378},
		{"", "", "", 9644},
		{"河", "🌊", "é", 508},
	} {
		require.Equal(t, c.bucket, layer(c.name, c.salt).Bucket(c.viewer), "%+v", c)
	}
}

const crowd = 50_000

// corpora are ways in which teams name their viewers.
var corpora = map[string]func(i int) string{
	"counted":        func(i int) string { return fmt.Sprint(i) },
	"prefixed":       func(i int) string { return fmt.Sprintf("viewer-%08d", i) },
	"suffixed":       func(i int) string { return fmt.Sprintf("%08d@example.com", i) },
	"in hexadecimal": func(i int) string { return fmt.Sprintf("%016x", uint64(i)*0x9e3779b97f4a7c15) },
}

// chiSquare is the sum over cells of (observed-expected)²/expected, all being expected alike.
func chiSquare(cells []int) float64 {
	total := 0
	for _, n := range cells {
		total += n
	}
	expected, sum := float64(total)/float64(len(cells)), 0.0
	for _, n := range cells {
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	return sum
}

// even is what chance alone lets χ² exceed once in about 30,000 draws: its mean and four deviations.
func even(cells int) float64 {
	freedom := float64(cells - 1)
	return freedom + 4*math.Sqrt(2*freedom)
}

func TestBucketsAreUniform(t *testing.T) {
	for name, id := range corpora {
		for _, l := range []experiment.Layer{layer("l", ""), layer("ranking", "2026-05")} {
			t.Run(fmt.Sprintf("%s ids in layer %s", name, l.Name), func(t *testing.T) {
				each, hundreds, lows := make([]int, experiment.Buckets), make([]int, 100), make([]int, 100)
				for i := range crowd {
					b := l.Bucket(id(i))
					each[b]++
					hundreds[b/100]++
					lows[b%100]++
				}
				require.Less(t, chiSquare(each), even(len(each)))
				require.Less(t, chiSquare(hundreds), even(len(hundreds)))
				require.Less(t, chiSquare(lows), even(len(lows)))
			})
		}
	}
}

func TestLayersAreOrthogonal(t *testing.T) {
	for _, c := range []struct {
		name        string
		one, second experiment.Layer
	}{
		{"that differ in salt", layer("l", "s"), layer("l", "t")},
		{"that differ in the last bit of the salt", layer("l", "2"), layer("l", "3")},
		{"that differ in name", layer("l", "s"), layer("m", "s")},
		{"that differ in where the salt ends", layer("ab", "c"), layer("b", "ca")},
	} {
		t.Run("layers "+c.name, func(t *testing.T) {
			for name, id := range corpora {
				cells := make([]int, 100)
				for i := range crowd {
					v := id(i)
					cells[10*(c.one.Bucket(v)/1000)+c.second.Bucket(v)/1000]++
				}
				require.Less(t, chiSquare(cells), even(len(cells)), name)
			}
		})
	}
}

func TestSharesMoveOnlyWhomTheyMust(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(0, experiment.Buckets).Draw(t, "first")
		second := rapid.IntRange(0, experiment.Buckets-first).Draw(t, "second")
		grown := rapid.IntRange(second, experiment.Buckets-first).Draw(t, "grown")
		before, after := layer("l", "s", first, second), layer("l", "s", first, grown)
		for _, v := range rapid.SliceOfN(rapid.String(), 1, 50).Draw(t, "viewers") {
			was, is := named(before, v), named(after, v)
			if was != "" {
				require.Equal(t, was, is, "nobody leaves a variant because the last one grew")
			}
			b := before.Bucket(v)
			require.Equal(t, b >= first+second && b < first+grown, was == "" && is == "b", "only the buckets added join it")
			require.Equal(t, is, named(layer("l", "s", first, grown, 0), v), "a variant without a share moves nobody")
		}
	})
}

func TestAssignmentsAndTheFeedServed(t *testing.T) {
	all := func(name string, feeds map[string]string) experiment.Layer {
		return experiment.Layer{Name: name, Variants: []experiment.Variant{{Name: "on", Share: experiment.Buckets, Feeds: feeds}}}
	}
	on := func(layers ...string) (as []experiment.Assignment) {
		for _, l := range layers {
			as = append(as, experiment.Assignment{Layer: l, Variant: "on"})
		}
		return as
	}
	for _, c := range []struct {
		name   string
		layers []experiment.Layer
		as     []experiment.Assignment
		served string
	}{
		{"no layers", nil, nil, "for-you"},
		{"a layer without a place for the viewer", []experiment.Layer{layer("l", "s", 0)}, nil, "for-you"},
		{"a layer that replaces the feed", []experiment.Layer{all("l", map[string]string{"for-you": "bold"})}, on("l"), "bold"},
		{"a layer that replaces another feed", []experiment.Layer{all("l", map[string]string{"latest": "bold"})}, on("l"), "for-you"},
		{"a control, which replaces nothing", []experiment.Layer{all("l", nil)}, on("l"), "for-you"},
		{"the first that replaces the feed decides", []experiment.Layer{
			all("k", nil), all("l", map[string]string{"for-you": "bold"}), all("m", map[string]string{"for-you": "shy", "bold": "shy"}),
		}, on("k", "l", "m"), "bold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			as, served := experiment.AssignAll(c.layers, "viewer", "for-you")
			require.Equal(t, c.as, as)
			require.Equal(t, c.served, served)
		})
	}
}
