package learning

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// desk is what a student works with: scratch memory, so that an event allocates nothing.
type desk struct {
	id      [1]catalog.ItemID
	at      [1]recommend.Ordinal
	traits  [1]*recommend.Traits
	trial   [1]recommend.Trial
	query   recommend.Query
	actions [audience.MaxActions]audience.Action
	acted   [audience.MaxActions]recommend.Ordinal
	names   [audience.MaxActions]catalog.ItemID
	items   [mostMet]recommend.Ordinal
	known   [mostMet]*recommend.Traits
	marks   [mostMet]audience.Mark
}

// ask puts into the query what was known of the viewer before the choice. What the viewer did with the chosen item
// itself is left out: they may have looked at it, and on its page it was a candidate like others.
func (s *Student) ask(e *engagement.Logged, p *pupil, chosen recommend.Ordinal, seed uint64) {
	d := &s.desk
	n := 0
	for i := len(p.acts) - 1; i >= 0; i-- {
		if a := &p.acts[i]; a.item != chosen {
			d.acted[n] = a.item
			d.actions[n] = audience.Action{
				Act: a.act, At: time.Unix(int64(a.at), 0),
				Watched: time.Duration(a.watched) * time.Millisecond, Duration: time.Duration(a.duration) * time.Millisecond,
			}
			n++
		}
	}
	m := 0
	for _, met := range p.met {
		if at := met.item(); at != chosen {
			d.items[m] = at
			m++
		}
	}
	view := s.index.View()
	view.IDs(d.acted[:n], d.names[:n])
	for i := range n {
		d.actions[i].Item = d.names[i]
	}
	view.Describe(d.items[:m], d.known[:m])
	for i := range m {
		d.marks[i] = audience.Mark{Item: d.known[i].Number, At: e.At}
	}
	q := &d.query
	q.Now, q.Seed = e.At.Add(time.Second), seed
	q.Knowledge.Actions, q.Knowledge.Memory.Consumed = d.actions[:n], d.marks[:m]
}
