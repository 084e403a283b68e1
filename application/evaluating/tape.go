package evaluating

import (
	"cmp"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Data is what happened: items, each once, and events in any order. Of events at the same time of one viewer the
// earlier in the list came first.
type Data struct {
	Items  []Item
	Events []engagement.Event
}

// Item is one item of the catalogue. Without a time of publication, it is published when it enters the catalogue.
type Item struct {
	ID      catalog.ItemID
	Details catalog.Details
}

// tape is the data as it is played.
type tape struct {
	items   []Item
	places  map[catalog.ItemID]int32
	viewers []audience.ViewerID
	lines   []line
	strays  int // events on items that are not in the catalogue: left out
}

// line is one event.
type line struct {
	*engagement.Event
	item   int32 // place in items; nothing for an event on an author
	viewer int32 // place in viewers
	first  bool  // the viewer's first line on the item
	asked  bool  // it is first, and one of the viewer's lines on the item is positive
	again  bool  // a positive line that is not the first
	good   bool  // the viewer's first line on the item that is worth something
}

const nothing = -1

func newTape(d Data, o *Options, w engagement.Weights) *tape {
	t := &tape{items: d.Items, places: make(map[catalog.ItemID]int32, len(d.Items)), lines: make([]line, 0, len(d.Events))}
	for i := range d.Items {
		t.places[d.Items[i].ID] = int32(i)
	}
	viewers := map[audience.ViewerID]int32{}
	for i := range d.Events {
		e := &d.Events[i]
		l := line{Event: e, item: nothing}
		if e.Item != "" {
			at, known := t.places[e.Item]
			if !known {
				t.strays++
				continue
			}
			l.item = at
		}
		at, known := viewers[e.Viewer]
		if !known {
			at = int32(len(t.viewers))
			viewers[e.Viewer] = at
			t.viewers = append(t.viewers, e.Viewer)
		}
		l.viewer = at
		t.lines = append(t.lines, l)
	}
	slices.SortStableFunc(t.lines, byTime)
	t.mark(o, w)
	return t
}

func byTime(a, b line) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Viewer, b.Viewer)) }

// mark tells first lines from further ones. Which items were positive in the end decides what is asked, and nothing else.
func (t *tape) mark(o *Options, w engagement.Weights) {
	type meeting struct {
		first int32
		good  bool
	}
	met := make(map[uint64]meeting, len(t.lines))
	for i := range t.lines {
		l := &t.lines[i]
		if l.item == nothing {
			continue
		}
		pair := uint64(uint32(l.viewer))<<32 | uint64(uint32(l.item))
		m, known := met[pair]
		if !known {
			m.first, l.first = int32(i), true
		}
		if o.positive(l.Event) {
			first := &t.lines[m.first]
			l.again = !l.first && first.asked
			first.asked = true
		}
		taught := o.taught(l.Event)
		if !m.good && w.Worth(taught.Act, taught.Watched, taught.Duration) > 0 {
			m.good, l.good = true, true
		}
		met[pair] = m
	}
}

// positive reports whether a feed should have shown the event's item.
func (o *Options) positive(e *engagement.Event) bool {
	return o.Positives == All || e.Act == audience.Like
}

// taught is the event as it is learned. Where all lines count the same, each is one that all but a play's
// configuration agree on.
func (o *Options) taught(e *engagement.Event) engagement.Event {
	t := *e
	if o.Positives == All && e.Item != "" {
		t.Act, t.AutoPresented = audience.PlayComplete, false
	}
	return t
}

// weights are those in force.
func (o *Options) weights(configured engagement.Weights) engagement.Weights {
	if o.Positives == All {
		return engagement.Weights{audience.PlayComplete: 1}
	}
	return configured
}

// catalogued is the item as it enters the catalogue.
func (t *tape) catalogued(item int32, number catalog.Number, now time.Time) (catalog.Snapshot, error) {
	it := catalog.Unknown(t.items[item].ID)
	if err := it.Publish(number, t.items[item].Details, now); err != nil {
		return catalog.Snapshot{}, err
	}
	return it.Snapshot(), nil
}
