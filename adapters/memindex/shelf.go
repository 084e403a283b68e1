package memindex

import (
	"slices"

	"github.com/freshet/freshet/domain/recommend"
)

// The most that a node holds: ordinals in a leaf, nodes in a branch.
const (
	maxItems = 255
	maxKids  = 63
)

// node is part of a shelf: a B+ tree of ordinals in shelf order. Nodes of an earlier batch are
// never changed, so that a reader may keep a root for ever.
type node struct {
	items []recommend.Ordinal // of a leaf
	kids  []*node             // of a branch
	count uint32              // ordinals below
	first recommend.Ordinal   // the first ordinal below
	batch uint32
}

// copyTo copies ordinals from rank skip on and returns how many.
func (n *node) copyTo(skip int, into []recommend.Ordinal) int {
	if n == nil || skip >= int(n.count) {
		return 0
	}
	if n.kids == nil {
		return copy(into, n.items[skip:])
	}
	copied := 0
	for _, kid := range n.kids {
		if skip >= int(kid.count) {
			skip -= int(kid.count)
			continue
		}
		copied += kid.copyTo(skip, into[copied:])
		skip = 0
		if copied == len(into) {
			break
		}
	}
	return copied
}

// shelver changes shelves; it knows the entry and the time of publication of every ordinal on them.
type shelver struct {
	batch     uint32
	entries   *vector[*entry]
	published []int64 // the same as in the entries, where it is compared without touching them
}

// before reports whether an ordinal on a shelf comes before the entry.
func (w *shelver) before(o recommend.Ordinal, e *entry) bool {
	if p := w.published[o]; p != e.Published {
		return p > e.Published
	}
	return w.entries.get(uint32(o)).comesBefore(e)
}

// after reports whether an ordinal on a shelf comes after the entry.
func (w *shelver) after(o recommend.Ordinal, e *entry) bool {
	if p := w.published[o]; p != e.Published {
		return p < e.Published
	}
	return e.comesBefore(w.entries.get(uint32(o)))
}

// insert puts an ordinal on the shelf and returns the new root. If it was there, nothing changes.
func (w *shelver) insert(root *node, o recommend.Ordinal) *node {
	if root == nil {
		return &node{items: []recommend.Ordinal{o}, count: 1, first: o, batch: w.batch}
	}
	root, split := w.put(root, o, w.entries.get(uint32(o)))
	if split == nil {
		return root
	}
	return w.refresh(&node{kids: []*node{root, split}, batch: w.batch})
}

// remove takes an ordinal off the shelf and returns the new root, nil when nothing is left. The
// entry must still be the one it was inserted with.
func (w *shelver) remove(root *node, o recommend.Ordinal) *node {
	if root == nil {
		return nil
	}
	root = w.take(root, o, w.entries.get(uint32(o)))
	for len(root.kids) == 1 {
		root = root.kids[0]
	}
	if root.count == 0 {
		return nil
	}
	return root
}

// put returns the node with o in it and, when it had to be split, its right part.
func (w *shelver) put(n *node, o recommend.Ordinal, e *entry) (*node, *node) {
	if n.kids == nil {
		at := w.place(n, e)
		if at < len(n.items) && n.items[at] == o {
			return n, nil
		}
		n = w.own(n)
		n.items = insertAt(n.items, at, o, maxItems)
		if len(n.items) > maxItems {
			right := &node{batch: w.batch}
			n.items, right.items = cut(n.items, at, w.cutAt(at, len(n.items)))
			return w.refresh(n), w.refresh(right)
		}
		return w.refresh(n), nil
	}
	n = w.own(n)
	at := w.kid(n, e)
	kid, split := w.put(n.kids[at], o, e)
	n.kids[at] = kid
	if split != nil {
		n.kids = insertAt(n.kids, at+1, split, maxKids)
	}
	if len(n.kids) > maxKids {
		right := &node{batch: w.batch}
		n.kids, right.kids = cut(n.kids, at, w.cutAt(at, len(n.kids)))
		return w.refresh(n), w.refresh(right)
	}
	return w.refresh(n), nil
}

// cutAt chooses where to split a full list that grew at a place: lists that grow at an end, as
// they do when items come in order, stay full.
func (w *shelver) cutAt(at, n int) int {
	switch {
	case at <= 1:
		return at + 1
	case at >= n-2:
		return at
	}
	return n / 2
}

// cut splits a list so that neither part wastes memory nor shares any.
func cut[T any](list []T, at, where int) (left, right []T) {
	right = slices.Clone(list[where:])
	if where < len(list)/4 {
		return slices.Clone(list[:where]), right
	}
	clear(list[where:])
	return list[:where], right
}

func (w *shelver) take(n *node, o recommend.Ordinal, e *entry) *node {
	if n.kids == nil {
		at := w.place(n, e)
		if at == len(n.items) || n.items[at] != o {
			return n
		}
		n = w.own(n)
		n.items = slices.Delete(n.items, at, at+1)
		return w.refresh(n)
	}
	at := w.kid(n, e)
	kid := w.take(n.kids[at], o, e)
	if kid == n.kids[at] && kid.batch != w.batch {
		return n
	}
	n = w.own(n)
	n.kids[at] = kid
	w.mend(n, at)
	return w.refresh(n)
}

// mend drops a kid that became empty and joins one that became small with its neighbour.
func (w *shelver) mend(n *node, at int) {
	if n.kids[at].count == 0 {
		n.kids = slices.Delete(n.kids, at, at+1)
		return
	}
	for left := max(0, at-1); left <= at && left+1 < len(n.kids); left++ {
		a, b := n.kids[left], n.kids[left+1]
		if len(a.items)+len(b.items) > maxItems/2 || len(a.kids)+len(b.kids) > maxKids/2 {
			continue
		}
		a = w.own(a)
		a.items, a.kids = append(a.items, b.items...), append(a.kids, b.kids...)
		n.kids[left] = w.refresh(a)
		n.kids = slices.Delete(n.kids, left+1, left+2)
		return
	}
}

// own returns a node that this batch may change.
func (w *shelver) own(n *node) *node {
	if n.batch == w.batch {
		return n
	}
	copied := *n
	copied.batch = w.batch
	if n.kids == nil {
		copied.items = roomy(n.items, maxItems)
	} else {
		copied.kids = roomy(n.kids, maxKids)
	}
	return &copied
}

// roomy copies a list and leaves room for a few more, up to one more than most.
func roomy[T any](list []T, most int) []T {
	return append(make([]T, 0, min(most+1, len(list)+len(list)/4+1)), list...)
}

// insertAt inserts in place if it can; no list has room for more than one more than most.
func insertAt[T any](list []T, at int, x T, most int) []T {
	if len(list) == cap(list) {
		list = append(make([]T, 0, min(most+1, 2*len(list))), list...)
	}
	return slices.Insert(list, at, x)
}

// refresh brings the count and the first ordinal up to date.
func (w *shelver) refresh(n *node) *node {
	if n.kids == nil {
		n.count = uint32(len(n.items))
		if len(n.items) > 0 {
			n.first = n.items[0]
		}
		return n
	}
	n.count = 0
	if len(n.kids) > 0 {
		n.first = n.kids[0].first
	}
	for _, kid := range n.kids {
		n.count += kid.count
	}
	return n
}

// place returns where in a leaf the entry belongs.
func (w *shelver) place(n *node, e *entry) int {
	if len(n.items) == 0 || !w.before(n.items[0], e) {
		return 0 // most items are new
	}
	low, high := 1, len(n.items)
	for low < high {
		if mid := int(uint(low+high) >> 1); w.before(n.items[mid], e) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// kid returns which kid of a branch the entry belongs to: the last that does not start after it.
func (w *shelver) kid(n *node, e *entry) int {
	if len(n.kids) == 1 || w.after(n.kids[1].first, e) {
		return 0
	}
	low, high := 1, len(n.kids)-1
	for low < high {
		if mid := int(uint(low+high+1) >> 1); w.after(n.kids[mid].first, e) {
			high = mid - 1
		} else {
			low = mid
		}
	}
	return low
}
