package experiment

import (
	"hash/fnv"

	"github.com/freshet/freshet/domain/fault"
)

// Buckets is how many buckets a layer has; a variant's share is counted in them.
const Buckets = 10_000

// Why a layer is refused.
var (
	ErrLayerName = fault.New(fault.Invalid, "bad_layer", "a layer and its variants have names that do not repeat")
	ErrShares    = fault.New(fault.Invalid, "bad_shares", "the variants' shares add up to at most 10000 buckets")
)

// Variant is one arm: it shows other feeds in the place of the usual ones.
type Variant struct {
	Name  string
	Share int               // buckets out of Buckets
	Feeds map[string]string // feed asked for → feed definition to serve
}

// Layer is an independent experiment: each viewer is in at most one of its variants. Layers that
// differ in name or salt are orthogonal; a new salt deals a layer's viewers anew.
type Layer struct {
	Name     string
	Salt     string
	Variants []Variant
}

// Assignment says which variant of a layer a viewer is in.
type Assignment struct{ Layer, Variant string }

// Check refuses a layer that cannot be assigned.
func (l Layer) Check() error {
	if l.Name == "" {
		return ErrLayerName.On("name")
	}
	sum, names := 0, map[string]bool{}
	for _, v := range l.Variants {
		if v.Name == "" || names[v.Name] {
			return ErrLayerName.On("variants")
		}
		names[v.Name] = true
		if v.Share < 0 || v.Share > Buckets-sum {
			return ErrShares.On("share")
		}
		sum += v.Share
	}
	return nil
}

// Bucket is the viewer's bucket in the layer, 0 to Buckets-1: sticky, uniform, and independent
// between layers.
func (l Layer) Bucket(viewer string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(l.Salt))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(l.Name))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(viewer))
	return int(mix(h.Sum64()) % Buckets)
}

// Assign returns the viewer's variant, or nil outside all of them.
func (l Layer) Assign(viewer string) *Variant {
	b := l.Bucket(viewer)
	for i := range l.Variants {
		if b -= l.Variants[i].Share; b < 0 {
			return &l.Variants[i]
		}
	}
	return nil
}

// AssignAll returns the viewer's place in each layer that has one for them, and the feed
// definition to serve for the feed asked; the first layer that replaces the feed decides.
func AssignAll(layers []Layer, viewer, feed string) ([]Assignment, string) {
	var as []Assignment
	served := feed
	for _, l := range layers {
		v := l.Assign(viewer)
		if v == nil {
			continue
		}
		as = append(as, Assignment{l.Name, v.Name})
		if to, ok := v.Feeds[feed]; ok && served == feed {
			served = to
		}
	}
	return as, served
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): FNV's low bits are not uniform enough alone.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
