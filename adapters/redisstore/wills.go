package redisstore

import (
	"container/list"
	"context"
	"strings"
	"sync"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
)

// stampField is the field of a will with many decisions that says of which version they are, see scripts/will.lua.
const stampField = "#"

// mostDecisions bounds the decisions that one process keeps between pages: some 30 MB of them.
const mostDecisions = 200_000

// wills are viewers with many decisions as they were read last, so that a page need not read and decode them anew while they are of
// the same version. Redis is asked for the version with each page: nothing here is taken for good without.
type wills struct {
	mu      sync.Mutex
	of      map[audience.ViewerID]*list.Element
	order   *list.List // of *will, the one used last in front
	holding int
}

// will is what a viewer decided, of a version.
type will struct {
	viewer  *audience.Viewer
	version string
}

func newWills() *wills {
	return &wills{of: make(map[audience.ViewerID]*list.Element), order: list.New()}
}

// find returns nil where nothing is held.
func (w *wills) find(id audience.ViewerID) *will {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.of[id]
	if e == nil {
		return nil
	}
	w.order.MoveToFront(e)
	return e.Value.(*will)
}

func (w *wills) keep(read *will) {
	id := read.viewer.ID()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(w.of[id])
	w.of[id] = w.order.PushFront(read)
	w.holding += read.viewer.Size()
	for w.holding > mostDecisions {
		w.drop(w.order.Back())
	}
}

func (w *wills) forget(id audience.ViewerID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(w.of[id])
}

func (w *wills) drop(e *list.Element) {
	if e != nil {
		gone := w.order.Remove(e).(*will)
		delete(w.of, gone.viewer.ID())
		w.holding -= gone.viewer.Size()
	}
}

// versionIn is the version of the decisions among the pairs of a will; "" where it is not told.
func versionIn(pairs []string) string {
	if version, known := strings.CutPrefix(valueOf(pairs, stampField), valueOf(pairs, heldField)+" "); known {
		return version
	}
	return ""
}

// decided is the viewer that the pairs tell of, who may be the one held.
func (w *wills) decided(id audience.ViewerID, pairs []string, held *will) *audience.Viewer {
	if held != nil && len(pairs) == 4 && versionIn(pairs) == held.version {
		return held.viewer
	}
	v := decodeViewer(id, pairs)
	if version := versionIn(pairs); version != "" {
		w.keep(&will{v, version})
	}
	return v
}

// Wills is an erasing.Store: what this process keeps of viewers from page to page.
type Wills struct{ c *Client }

// NewWills forgets what c keeps.
func NewWills(c *Client) *Wills { return &Wills{c} }

// Erase implements erasing.Store. It counts nothing: all of it lies in Redis, too.
func (h *Wills) Erase(_ context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	h.c.wills.forget(viewer)
	return nil, nil
}
