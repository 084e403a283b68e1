package learning

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// Feed is what a student learns weights for.
type Feed interface {
	Study(q *recommend.Query, chosen recommend.Ordinal) recommend.Lesson
}

// Student learns the weights of feeds event by event: what a viewer went on to is first looked for
// among what the feed would have proposed, and only then learned as a fact.
type Student struct {
	model   Model
	signals recommend.Signals
	index   recommend.Index
	feeds   []Feed
	worth   func(audience.Action) float32
	viewers map[audience.ViewerID]*pupil

	Found, Missed int
}

// pupil is what is remembered of one viewer.
type pupil struct {
	actions []audience.Action // newest first
	met     map[catalog.Number]struct{}
}

// NewStudent wires the parts.
func NewStudent(model Model, signals recommend.Signals, index recommend.Index, worth func(audience.Action) float32, feeds ...Feed) *Student {
	return &Student{model: model, signals: signals, index: index, worth: worth, feeds: feeds, viewers: make(map[audience.ViewerID]*pupil)}
}

// Model is the offset up to which everything was learned.
func (s *Student) Model() uint64 { return s.model.Model() }

// Learn takes the next events of the log, in order.
func (s *Student) Learn(events []engagement.Logged) {
	for i := range events {
		e := &events[i]
		if e.Item != "" {
			s.study(&e.Event)
		}
		s.model.Learn(events[i : i+1])
	}
}

func (s *Student) study(e *engagement.Event) {
	var at [1]recommend.Ordinal
	var traits [1]*recommend.Traits
	view := s.index.View()
	view.Locate([]catalog.ItemID{e.Item}, at[:])
	view.Describe(at[:], traits[:])
	if traits[0] == nil {
		return
	}
	a := audience.Action{Item: e.Item, Act: e.Act, At: e.At, Watched: e.Watched, Duration: e.Duration}
	p := s.viewers[e.Viewer]
	if p == nil {
		p = &pupil{met: map[catalog.Number]struct{}{}}
		s.viewers[e.Viewer] = p
	}
	n := traits[0].Number
	var trial [1]recommend.Trial
	s.signals.Trials(at[:], trial[:])
	if _, again := p.met[n]; !again && trial[0].Met > 0 && s.worth(a) > 0 {
		marks := make([]audience.Mark, 0, len(p.met))
		for m := range p.met {
			marks = append(marks, audience.Mark{Item: m, At: e.At})
		}
		q := &recommend.Query{
			Now: e.At.Add(time.Second), Seed: uint64(len(p.met)), Want: 1, Worth: s.worth,
			Knowledge: audience.Knowledge{Viewer: audience.NewViewer(e.Viewer, nil, nil), Actions: p.actions, Memory: audience.Memory{Consumed: marks}},
		}
		for _, f := range s.feeds {
			if f.Study(q, at[0]).Found {
				s.Found++
			} else {
				s.Missed++
			}
		}
	}
	p.met[n] = struct{}{}
	p.actions = append([]audience.Action{a}, p.actions[:min(len(p.actions), audience.MaxActions-1)]...)
}
