package redisstore

import (
	"slices"

	"github.com/freshet/freshet/domain/audience"
)

// noted is what the notes of one request say of one viewer. No two of its actions have one name.
type noted struct {
	viewer  audience.ViewerID
	marks   []flagged // those without flags are said by others
	actions []audience.Action

	said   int                // marks with flags
	places map[actionName]int // of actions, where there are several
}

func (of *noted) begin(viewer audience.ViewerID) {
	of.viewer, of.marks, of.actions, of.said = viewer, of.marks[:0], of.actions[:0], 0
	clear(of.places)
}

func (of *noted) add(n *audience.Note) {
	for _, m := range n.Seen {
		of.mark(flagged{m.Item, secondsOf(m.At), seenFlag})
	}
	for _, m := range n.Consumed {
		of.mark(flagged{m.Item, secondsOf(m.At), consumedFlag})
	}
	if n.Action != nil {
		of.act(n.Action)
	}
}

// covers reports that a mark with some flags says all that one with the others does.
func covers(flags, others uint64) bool { return flags&others == others }

// near is how far back a mark of the same item is looked for: what is done to one item is told in one go.
const near = 16

// mark adds a mark, but what a newer one of its item says.
func (of *noted) mark(m flagged) {
	for i := len(of.marks) - 1; i >= max(0, len(of.marks)-near); i-- {
		held := &of.marks[i]
		switch {
		case held.item != m.item || held.flags == 0:
			continue
		case held.at == m.at:
			held.flags |= m.flags
			return
		case held.at > m.at && covers(held.flags, m.flags):
			return
		case held.at < m.at && covers(m.flags, held.flags):
			held.flags = 0
			of.said--
		}
	}
	of.marks = append(of.marks, m)
	of.said++
}

// act adds an action; of two with one name the larger parts stay, in the place of the later.
func (of *noted) act(a *audience.Action) {
	if len(of.actions) > 0 {
		name := nameOf(a)
		if of.places == nil {
			of.places = make(map[actionName]int)
		}
		if len(of.actions) == 1 {
			of.places[nameOf(&of.actions[0])] = 0
		}
		if i, met := of.places[name]; met {
			of.actions[i] = joined(&of.actions[i], a)
			return
		}
		of.places[name] = len(of.actions)
	}
	of.actions = append(of.actions, *a)
}

// joined are two actions of one name.
func joined(a, b *audience.Action) audience.Action {
	both := *a
	both.Act, both.Watched, both.Duration = max(a.Act, b.Act), max(a.Watched, b.Watched), max(a.Duration, b.Duration)
	if b.At.After(a.At) {
		both.At = b.At
	}
	return both
}

// gathered are the notes of one request by viewer.
type gathered struct {
	all    []noted
	n      int
	places map[audience.ViewerID]int
}

func (g *gathered) gather(notes []audience.Note) []noted {
	if g.places == nil {
		g.places = make(map[audience.ViewerID]int)
	}
	clear(g.places)
	g.n = 0
	for i := range notes {
		n := &notes[i]
		k, met := g.places[n.Viewer]
		if !met {
			if k = g.n; k == len(g.all) {
				g.all = append(g.all, noted{})
			}
			g.n++
			g.places[n.Viewer] = k
			g.all[k].begin(n.Viewer)
		}
		g.all[k].add(n)
	}
	return g.all[:g.n]
}

// sortByPartition puts those together whose keys may be used by one call in a cluster.
func sortByPartition(all []noted) {
	slices.SortFunc(all, func(a, b noted) int { return partitionOf(string(a.viewer)) - partitionOf(string(b.viewer)) })
}
