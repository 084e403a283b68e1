package training

import (
	"cmp"
	"hash/maphash"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// What is held of the log, however long it is.
const (
	mostLiked = 1000     // of one viewer, the newest
	mostLikes = 40 << 20 // of all
	mostItems = 1 << 20  // different ones, the most liked
	fewest    = 2        // viewers who liked an item: one alone says nothing of others
)

// histories are what viewers liked, in order: at most mostLiked items of each viewer and mostLikes of all, 8 bytes each, and at
// most mostItems item ids (some 100 MB).
type histories struct {
	weights engagement.Weights
	viewers int
	seed    maphash.Seed
	by      map[uint64]int // hash of the viewer → place in all; that two share a hash is as good as impossible
	all     []history
	numbers map[catalog.ItemID]uint32
	ids     []catalog.ItemID
	items   int // how many ids may be held
	likes   int // held, about: what was liked twice or not any more may count
	most    int // likes that may be held
}

type history struct {
	viewer uint64
	last   engagement.Offset // of a like
	fresh  engagement.Offset // of the one at the end, if it was liked there for the first time; 0: it was not, or that is not known
	liked  []uint32          // distinct, the one liked last at the end
	worth  []float32         // what the acts on each are worth together; above 0
}

func newHistories(w engagement.Weights, viewers int) *histories {
	return &histories{
		weights: w, viewers: viewers, seed: maphash.MakeSeed(), items: mostItems, most: mostLikes,
		by: make(map[uint64]int), numbers: make(map[catalog.ItemID]uint32),
	}
}

// take takes in the next event. An item is liked as long as the acts on it, from the first one that is worth
// something, are worth something together.
func (h *histories) take(e *engagement.Logged) {
	worth := h.weights.Worth(e.Act, e.Watched, e.Duration)
	if e.Item == "" || worth == 0 {
		return
	}
	number, known := h.numbers[e.Item]
	viewer := maphash.String(h.seed, string(e.Viewer))
	place, met := h.by[viewer]
	if worth < 0 {
		if known && met {
			h.all[place].lose(number, worth)
		}
		return
	}
	if !known {
		if len(h.ids) == h.items {
			h.forgetItems()
		}
		number = uint32(len(h.ids))
		h.numbers[e.Item], h.ids = number, append(h.ids, e.Item)
	}
	if !met {
		if len(h.all) > h.viewers+h.viewers/4 {
			h.forgetViewers()
		}
		place = len(h.all)
		h.by[viewer], h.all = place, append(h.all, history{viewer: viewer})
	}
	h.all[place].like(number, worth, e.Offset)
	if h.likes++; h.likes > h.most+h.most/4 {
		h.forgetLikes()
	}
}

func (h *history) like(number uint32, worth float32, at engagement.Offset) {
	h.last, h.fresh = at, at
	if i := slices.Index(h.liked, number); i >= 0 {
		worth += h.worth[i]
		h.drop(i)
		h.fresh = 0
	} else if len(h.liked) == mostLiked {
		h.drop(0)
	}
	h.liked, h.worth = append(h.liked, number), append(h.worth, worth)
}

func (h *history) lose(number uint32, worth float32) {
	i := slices.Index(h.liked, number)
	if i < 0 {
		return
	}
	if h.worth[i] += worth; h.worth[i] <= 0 {
		h.drop(i)
	}
}

func (h *history) drop(i int) {
	if i == len(h.liked)-1 {
		h.fresh = 0
	}
	h.liked, h.worth = slices.Delete(h.liked, i, i+1), slices.Delete(h.worth, i, i+1)
}

// forgetLikes keeps the viewers who liked something last, as far as there is room for what they liked.
func (h *histories) forgetLikes() {
	slices.SortFunc(h.all, func(a, b history) int { return cmp.Compare(b.last, a.last) })
	h.likes = 0
	for i := range h.all {
		if h.likes+len(h.all[i].liked) > h.most {
			h.keepViewers(i)
			return
		}
		h.likes += len(h.all[i].liked)
	}
	h.keepViewers(len(h.all))
}

// forgetViewers keeps those who liked something last.
func (h *histories) forgetViewers() {
	if len(h.all) > h.viewers {
		slices.SortFunc(h.all, func(a, b history) int { return cmp.Compare(b.last, a.last) })
		h.keepViewers(h.viewers)
	}
}

// keepViewers keeps the first ones.
func (h *histories) keepViewers(n int) {
	clear(h.all[n:])
	h.all = h.all[:n]
	clear(h.by)
	for place := range h.all {
		h.by[h.all[place].viewer] = place
	}
}

// forgetItems keeps the half of the items that most viewers like, of equals those that came first.
func (h *histories) forgetItems() {
	fans := h.fans()
	order := make([]uint32, len(h.ids))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Or(cmp.Compare(fans[b], fans[a]), cmp.Compare(a, b)) })
	h.keep(order[:len(order)/2])
}

// fans counts for each item the viewers who like it.
func (h *histories) fans() []int {
	fans := make([]int, len(h.ids))
	for i := range h.all {
		for _, n := range h.all[i].liked {
			fans[n]++
		}
	}
	return fans
}

// keep keeps the items, numbered anew in this order, and drops all others from histories.
func (h *histories) keep(items []uint32) {
	const dropped = ^uint32(0)
	renumbered := make([]uint32, len(h.ids))
	for i := range renumbered {
		renumbered[i] = dropped
	}
	ids := make([]catalog.ItemID, len(items))
	clear(h.numbers)
	for number, old := range items {
		renumbered[old], ids[number] = uint32(number), h.ids[old]
		h.numbers[ids[number]] = uint32(number)
	}
	h.ids = ids
	for i := range h.all {
		one := &h.all[i]
		if n := len(one.liked); n > 0 && renumbered[one.liked[n-1]] == dropped {
			one.fresh = 0
		}
		liked, worth := one.liked[:0], one.worth[:0]
		for k, old := range one.liked {
			if n := renumbered[old]; n != dropped {
				liked, worth = append(liked, n), append(worth, one.worth[k])
			}
		}
		one.liked, one.worth = liked, worth
	}
}

// choose ends the taking: it keeps the most popular items, at most so many, in the order of their popularity, and
// viewers who like any of them. Items that are removed stay out. From then on numbers are places in what it returns.
func (h *histories) choose(most int, removed func([]catalog.ItemID) ([]bool, error)) ([]catalog.ItemID, error) {
	h.forgetViewers()
	fans := h.fans()
	var order []uint32
	for i, n := range fans {
		if n >= fewest {
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(fans[b], fans[a]), cmp.Compare(h.ids[a], h.ids[b]))
	})
	order, err := h.those(order, most, removed)
	if err != nil {
		return nil, err
	}
	h.keep(order)
	h.all = slices.DeleteFunc(h.all, func(one history) bool { return len(one.liked) == 0 })
	h.by, h.numbers = nil, nil
	for i := range h.all {
		h.all[i].worth = nil
	}
	return h.ids, nil
}

// askedOf is how many items are asked of at once.
const askedOf = 1000

// those are the first so many that are not removed.
func (h *histories) those(order []uint32, most int, removed func([]catalog.ItemID) ([]bool, error)) (stay []uint32, err error) {
	for some := range slices.Chunk(order, askedOf) {
		ids := make([]catalog.ItemID, len(some))
		for i, n := range some {
			ids[i] = h.ids[n]
		}
		gone, err := removed(ids)
		if err != nil {
			return nil, err
		}
		for i, n := range some {
			if !gone[i] {
				stay = append(stay, n)
			}
		}
		if len(stay) >= most {
			return stay[:most], nil
		}
	}
	return stay, nil
}

// none is removed.
func none(ids []catalog.ItemID) ([]bool, error) { return make([]bool, len(ids)), nil }

// whole gives each viewer's likes.
func (h *histories) whole(yield func([]uint32) bool) {
	for i := range h.all {
		if !yield(h.all[i].liked) {
			return
		}
	}
}

// butLast gives each viewer's likes without the last one.
func (h *histories) butLast(yield func([]uint32) bool) {
	for i := range h.all {
		if liked := h.all[i].liked; !yield(liked[:len(liked)-1]) {
			return
		}
	}
}
