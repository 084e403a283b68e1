package comparing

import (
	"cmp"
	"container/heap"
	"context"
	"time"

	"github.com/freshet/freshet/domain/feed"
)

// How pages are put in the order of what their instances had learned: an instance may be lag behind another, and no
// more than mostHeld pages wait for it.
const (
	portion  = 200
	lag      = time.Minute
	mostHeld = 5000
)

// pages gives the recorded pages of one feed in the order of the offsets up to which their instances had learned.
type pages struct {
	archive feed.PageArchive
	o       *Options
	last    *feed.Exposure // listed
	ended   bool
	held    byModel
}

// next is the next page; nil: there is none.
func (p *pages) next(ctx context.Context) (*feed.Exposure, error) {
	for !p.ended && !p.ripe() {
		some, err := p.archive.Served(ctx, p.o.Since, p.o.Until, p.last, portion)
		if err != nil {
			return nil, err
		}
		for i := range some {
			if some[i].Visit.Feed == p.o.Feed {
				heap.Push(&p.held, &some[i])
			}
		}
		p.ended = len(some) < portion
		if len(some) > 0 {
			p.last = &some[len(some)-1]
		}
	}
	if len(p.held) == 0 {
		return nil, nil
	}
	return heap.Pop(&p.held).(*feed.Exposure), nil
}

// ripe reports that no page still to be listed can come before the first that is held.
func (p *pages) ripe() bool {
	return len(p.held) > 0 && (len(p.held) >= mostHeld || p.last.Page.ServedAt.Sub(p.held[0].Page.ServedAt) > lag)
}

// byModel is a heap, the least offset first.
type byModel []*feed.Exposure

func (h byModel) Len() int { return len(h) }

func (h byModel) Less(i, j int) bool {
	a, b := h[i], h[j]
	return cmp.Or(cmp.Compare(a.Page.Inputs.Model, b.Page.Inputs.Model), a.Page.ServedAt.Compare(b.Page.ServedAt),
		cmp.Compare(a.Visit.ID, b.Visit.ID), cmp.Compare(a.Page.Number, b.Page.Number)) < 0
}

func (h byModel) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *byModel) Push(x any) { *h = append(*h, x.(*feed.Exposure)) }

// Pop implements heap.Interface.
func (h *byModel) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
