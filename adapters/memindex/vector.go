package memindex

import "slices"

// The shape of a vector: a leaf has leafLen places, a branch branchLen leaves.
const (
	leafBits, branchBits = 9, 7
	leafLen, branchLen   = 1 << leafBits, 1 << branchBits
)

type (
	leaf[T any]   [leafLen]T
	branch[T any] [branchLen]*leaf[T]
)

// vector is a list of which a reader may keep a copy: what lay below its length then never changes.
type vector[T any] struct{ top []*branch[T] }

func (v *vector[T]) get(i uint32) T {
	return v.top[i>>(leafBits+branchBits)][i>>leafBits&(branchLen-1)][i&(leafLen-1)]
}

// draft is the vector its one writer changes. What a reader may see is copied before its first
// change in a batch; what lies past the published length is written in place.
type draft[T any] struct {
	vector[T]
	published uint32   // how many places readers may look at
	batch     uint32   // changes with every batch
	leaves    []uint32 // the batch in which a leaf became the writer's own
	branches  []uint32
	topOwned  bool
}

// begin starts a batch: of the places so far, readers see n.
func (d *draft[T]) begin(n int) {
	d.published = uint32(n)
	d.batch++
	d.topOwned = false
}

// set writes a place; places are first written in order.
func (d *draft[T]) set(i uint32, x T) {
	b, l := i>>(leafBits+branchBits), i>>leafBits
	if int(b) == len(d.top) {
		d.top = append(d.top, new(branch[T]))
		d.branches = append(d.branches, d.batch)
	}
	if int(l) == len(d.leaves) {
		d.top[b][l&(branchLen-1)] = new(leaf[T])
		d.leaves = append(d.leaves, d.batch)
	}
	if i < d.published && d.leaves[l] != d.batch {
		d.own(b, l)
	}
	d.top[b][l&(branchLen-1)][i&(leafLen-1)] = x
}

func (d *draft[T]) own(b, l uint32) {
	if d.branches[b] != d.batch {
		if !d.topOwned {
			d.top, d.topOwned = slices.Clone(d.top), true
		}
		copied := *d.top[b]
		d.top[b], d.branches[b] = &copied, d.batch
	}
	at := &d.top[b][l&(branchLen-1)]
	copied := **at
	*at, d.leaves[l] = &copied, d.batch
}
