package evaluating

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// viewer is what an engine may know of one viewer so far.
type viewer struct {
	*audience.Viewer
	recent    []audience.Action // a buffer that fills from its end, the newest first
	from      int               // where in it they begin
	marks     []audience.Mark   // of every item met
	met, good []int32           // items in the order they were met, and liked
}

// rests is when marks are from: no rest, however short, is over, so that nothing a viewer met comes again.
var rests = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func newViewer(id audience.ViewerID) *viewer {
	return &viewer{Viewer: audience.NewViewer(id, nil, nil)}
}

// forget makes the viewer another one.
func (v *viewer) forget(id audience.ViewerID) {
	v.Viewer = audience.NewViewer(id, nil, nil)
	v.from, v.marks, v.met, v.good = len(v.recent), v.marks[:0], v.met[:0], v.good[:0]
}

// saw adds a line on an item; the lines of a viewer come in order.
func (v *viewer) saw(l *line, a audience.Action, n catalog.Number) {
	v.push(a, !l.first)
	if l.first {
		v.marks = append(v.marks, audience.Mark{Item: n, At: rests})
		v.met = append(v.met, l.item)
	}
	if l.good {
		v.good = append(v.good, l.item)
	}
}

// push makes the action the newest. Plays of one item in one session are one action; again says that there may be one.
func (v *viewer) push(a audience.Action, again bool) {
	if again && plays(a.Act) {
		for i := v.from; i < len(v.recent); i++ {
			if was := &v.recent[i]; was.Item == a.Item && was.Session == a.Session && plays(was.Act) {
				a.Act, a.Watched, a.Duration = max(a.Act, was.Act), max(a.Watched, was.Watched), max(a.Duration, was.Duration)
				copy(v.recent[v.from+1:i+1], v.recent[v.from:i])
				v.recent[v.from] = a
				return
			}
		}
	}
	if v.from == 0 {
		kept := v.recent[:min(len(v.recent), audience.MaxActions)]
		size := min(2*len(kept)+8, 2*audience.MaxActions)
		to := v.recent
		if size > len(to) {
			to = make([]audience.Action, size)
		}
		v.from = len(to) - len(kept)
		copy(to[v.from:], kept)
		v.recent = to
	}
	v.from--
	v.recent[v.from] = a
}

func plays(a audience.Act) bool {
	return a == audience.PlayStart || a == audience.PlayProgress || a == audience.PlayComplete
}

// query asks for want items at now. What it holds changes when the viewer does.
func (v *viewer) query(now time.Time, seed uint64, want int, worth func(audience.Action) float32) *recommend.Query {
	newest := v.recent[v.from:]
	return &recommend.Query{
		Now: now, Seed: seed, Want: want, Worth: worth,
		Knowledge: audience.Knowledge{
			Viewer: v.Viewer, Actions: newest[:min(len(newest), audience.MaxActions)], Memory: audience.Memory{Consumed: v.marks},
		},
	}
}

// decide carries out a decision. What the model refuses, a service refuses too: nothing changes.
func (v *viewer) decide(l *line, author catalog.AuthorID, tuning bool) {
	switch {
	case l.Act == audience.MoreLikeThis && tuning:
		_ = v.Steer(audience.Target{Kind: audience.OnItem, ID: string(l.Item)}, audience.More, l.At)
	case l.Act == audience.NotInterested && tuning:
		_ = v.Steer(audience.Target{Kind: audience.OnItem, ID: string(l.Item)}, audience.Less, l.At)
	case author == "":
	case l.Act == audience.FollowAuthor:
		_ = v.Follow(author, l.At)
	case l.Act == audience.UnfollowAuthor:
		v.Drop(audience.Follows, author, l.At)
	case l.Act == audience.MuteAuthor:
		_ = v.Mute(author, l.At)
	case l.Act == audience.UnmuteAuthor:
		v.Drop(audience.Mutes, author, l.At)
	case l.Act == audience.BlockAuthor:
		_ = v.Block(author, l.At)
	}
}
