package rpc

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
)

// part is one answer's share of an export: the lines that follow a place, in an order of our own, so that
// nothing is missed or repeated when records come or go between two parts. Nothing is kept between calls.
type part struct {
	viewer audience.ViewerID
	after  string
	limit  int
	held   []placed // at most about twice limit
}

// placed is a record with the place of its line; a place is one line's and stays it.
type placed struct {
	place  string
	record any
}

func newPart(viewer audience.ViewerID, cursor string, limit int) (*part, error) {
	after, err := openPlace(viewer, cursor)
	if err != nil {
		return nil, err
	}
	return &part{viewer: viewer, after: after, limit: limit}, nil
}

// take is handed every record of the viewer, in any order.
func (p *part) take(record any) error {
	switch r := record.(type) {
	case audience.Tie:
		p.hold(fmt.Sprintf("1/%d/%s", r.Relation, r.Author), r)
	case audience.Decision:
		p.hold(fmt.Sprintf("2/%d/%s", r.Target.Kind, r.Target.ID), r)
	case engagement.Logged:
		p.hold(fmt.Sprintf("3/%020d", r.Offset), r)
	case feed.Exposure:
		p.hold(fmt.Sprintf("4/%s/", r.Visit.ID), r.Visit)
		p.hold(fmt.Sprintf("4/%s/%05d", r.Visit.ID, r.Page.Number), r)
	default:
		return fmt.Errorf("rpc: an export holds a %T", record)
	}
	return nil
}

func (p *part) hold(place string, record any) {
	if place <= p.after {
		return
	}
	p.held = append(p.held, placed{place, record})
	if len(p.held) > 2*p.limit+1 {
		p.settle()
	}
}

// settle keeps what this part answers, in order, and one more, which tells that there is another part.
func (p *part) settle() {
	slices.SortFunc(p.held, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	p.held = slices.CompactFunc(p.held, func(a, b placed) bool { return a.place == b.place })
	last := min(len(p.held), p.limit+1)
	clear(p.held[last:])
	p.held = p.held[:last]
}

// finish gives the lines and the cursor of the next part, if there is one.
func (p *part) finish() (lines [][]byte, cursor string, err error) {
	p.settle()
	if len(p.held) > p.limit {
		p.held = p.held[:p.limit]
		cursor = placeCursor(p.viewer, p.held[p.limit-1].place)
	}
	lines = make([][]byte, len(p.held))
	for i, h := range p.held {
		if lines[i], err = lineOf(h.record); err != nil {
			return nil, "", err
		}
	}
	return lines, cursor, nil
}
