package learning

import (
	"sync"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// Feed is what a student learns weights for.
type Feed interface {
	// Study learns from what the viewer chose; q is read-only and good until Study returns.
	Study(q *recommend.Query, chosen recommend.Ordinal) recommend.Lesson
}

// Taught is a feed whose weights can be kept: *recommend.Pipeline.
type Taught interface {
	Feed
	Definition() recommend.Definition
	Blend() *recommend.Blend
}

// Student is a Model that learns the weights of feeds besides: what a viewer went on to is first looked for among what
// each feed would have proposed, and only then learned as a fact. A study costs about what a page costs; how many there
// are is bounded by StudentOptions. The weights follow from the events, their order and when they were received, from
// the items known and the trained model in force when each was learned: not from the clock, nor from how events were
// batched. It is safe for concurrent use.
type Student struct {
	model   Mind
	signals recommend.Signals
	index   recommend.Index
	worth   func(audience.Action) float32
	o       StudentOptions

	mu      sync.Mutex
	courses []course
	pupils  pupils
	pace    pace
	stats   StudentStats
	last    uint64 // a digest of the id of the event learned last
	desk    desk
}

// course is what a student knows of one feed.
type course struct {
	feed    Feed
	blend   *recommend.Blend // nil: its weights are not kept
	name    string
	key     string            // of what the weights began with
	after   engagement.Offset // what came up to here, the weights know already
	choices uint64            // choices studied or left to chance so far: the more there were, the fewer are studied
	counted engagement.Offset // choices are those up to here
	behind  engagement.Offset // what came up to here is made up for at a start,
	share   float64           // of which only this share is studied
}

// StudentStats says what became of choices, and what is kept.
type StudentStats struct {
	Choices uint64 // good acts on items that others had met and this viewer had not chosen yet
	Studied uint64 // of them, for each feed
	Found   uint64 // studied, and among the candidates: the weights learned
	Missed  uint64 // studied, and not among the candidates
	Sampled uint64 // left out because by now, or at a start, a sample is enough
	Capped  uint64 // left out because the viewer had as many in this hour as count
	Hurried uint64 // left out because there were as many in this second as are studied
	Viewers int
	Bytes   int // an estimate of what is kept of viewers
}

// NewStudent has learned nothing but what model has. Worth values an act as serving does, and index is the one that
// feeds, signals and model work on.
func NewStudent(model Mind, signals recommend.Signals, index recommend.Index, worth func(audience.Action) float32,
	o StudentOptions, feeds ...Feed) *Student {
	o = o.filled()
	s := &Student{model: model, signals: signals, index: index, worth: worth, o: o, pupils: newPupils(o.Viewers)}
	for _, f := range feeds {
		c := course{feed: f}
		if t, ok := f.(Taught); ok {
			d := t.Definition()
			c.name, c.key, c.blend = d.Name, keyOf(d), t.Blend()
		}
		s.courses = append(s.courses, c)
	}
	s.desk.query = recommend.Query{Want: 1, Worth: worth, Knowledge: audience.Knowledge{Viewer: audience.NewViewer("", nil, nil)}}
	return s
}

// Model is the offset up to which everything was learned.
func (s *Student) Model() uint64 { return s.model.Model() }

// Stats tells how studying went so far, and what is kept.
func (s *Student) Stats() StudentStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Viewers, stats.Bytes = len(s.pupils.at), s.pupils.bytes()
	return stats
}

// Learn takes the next events of the log, in order. Those up to Model are ignored.
func (s *Student) Learn(events []engagement.Logged) {
	for i := range events {
		s.take(events[i : i+1])
	}
}

func (s *Student) take(one []engagement.Logged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &one[0]
	if uint64(e.Offset) <= s.Model() {
		return
	}
	if e.Item != "" {
		s.attend(e)
	}
	s.model.Learn(one)
	s.last = digest(string(e.ID))
}

// Late learns, in order, events up to Model whose items were not in the index at their turn, and are now. Nothing is studied of
// them: what their viewers were shown then, and what followed, is past.
func (s *Student) Late(events []engagement.Logged) {
	for i := range events {
		s.catchUp(events[i : i+1])
	}
}

func (s *Student) catchUp(one []engagement.Logged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &one[0]
	if at, traits := s.find(e.Item); traits != nil {
		s.pupils.rememberLate(s.pupils.visit(e.Viewer), actOf(&e.Event, at), s.good(&e.Event, traits))
	}
	s.model.Late(one)
}

// attend studies what the viewer went on to, if there is something to learn from it, and remembers it.
func (s *Student) attend(e *engagement.Logged) {
	at, traits := s.find(e.Item)
	if traits == nil {
		return
	}
	good := s.good(&e.Event, traits)
	p := s.pupils.visit(e.Viewer)
	met, chosen := p.knows(at)
	if good && !chosen && s.introduced(at, met) {
		s.stats.Choices++
		if p.admit(e, &s.o) {
			s.study(e, p, at)
		} else {
			s.stats.Capped++
		}
	}
	s.pupils.remember(p, actOf(&e.Event, at), good)
}

func (s *Student) find(id catalog.ItemID) (recommend.Ordinal, *recommend.Traits) {
	view := s.index.View()
	d := &s.desk
	d.id[0] = id
	view.Locate(d.id[:], d.at[:])
	view.Describe(d.at[:], d.traits[:])
	return d.at[0], d.traits[0]
}

// good reports whether the act says that the viewer liked the item, and chose it.
func (s *Student) good(e *engagement.Event, t *recommend.Traits) bool {
	if e.Act == audience.PlayStart && e.AutoPresented {
		return false
	}
	a := audience.Action{Item: e.Item, Act: e.Act, At: e.At, Watched: e.Watched, Duration: e.Duration}
	if a.Duration == 0 {
		a.Duration = time.Duration(t.Duration) * time.Millisecond
	}
	return s.worth(a) > 0
}

// introduced reports whether somebody else had met the item before. Choices of items that nobody had met would teach
// that the unknown is chosen.
func (s *Student) introduced(at recommend.Ordinal, met bool) bool {
	d := &s.desk
	d.at[0] = at
	s.signals.Trials(d.at[:], d.trial[:])
	if met {
		return d.trial[0].Met > 1
	}
	return d.trial[0].Met > 0
}

// study looks for the choice among what each feed that samples it would have proposed before it.
func (s *Student) study(e *engagement.Logged, p *pupil, at recommend.Ordinal) {
	luck := luckOf(e)
	asked := false
	for i := range s.courses {
		c := &s.courses[i]
		fresh := e.Offset > c.after // otherwise the weights know it, and it is only counted
		switch outcome := s.admit(c, e, luck); {
		case !fresh:
			continue
		case outcome == hurried:
			s.stats.Hurried++
			continue
		case outcome == leftOut:
			s.stats.Sampled++
			continue
		}
		if !asked {
			s.ask(e, p, at, luck)
			asked = true
		}
		s.stats.Studied++
		if c.feed.Study(&s.desk.query, at).Found {
			s.stats.Found++
		} else {
			s.stats.Missed++
		}
	}
}

type outcome uint8

const (
	admitted outcome = iota
	leftOut
	hurried
)

// admit decides whether a course studies a choice, and counts it.
func (s *Student) admit(c *course, e *engagement.Logged, luck uint64) outcome {
	if e.Offset <= c.behind && !falls(mixed(luck), c.share) {
		return leftOut
	}
	falls := falls(luck, s.o.chance(c.choices))
	if falls && !s.pace.admit(e.Received, s.o.PerSecond) {
		return hurried
	}
	if e.Offset > c.counted {
		c.choices, c.counted = c.choices+1, e.Offset
	}
	if falls {
		return admitted
	}
	return leftOut
}
