package evaluating

import (
	"context"
	"errors"
	"time"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// Progress hears how far a phase has come.
type Progress func(phase string, done, total int)

// The phases.
const (
	Ordering = "ordering"
	Teaching = "learning"
	Settling = "settling weights"
	Asking   = "asking"
	Rivals   = "asking baselines"
)

// Run measures the subject on the data. It fails with ErrOptions, ErrNothing, or recommend.ErrDefinition; when ctx ends,
// with its cause.
func Run(ctx context.Context, s Subject, d Data, o Options, tell Progress) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	began := time.Now()
	tell(Ordering, 0, len(d.Events))
	r, err := newRun(ctx, s, newTape(d, &o, s.Weights), o, tell)
	if err != nil {
		return nil, err
	}
	if o.Protocol == LeaveOneOut {
		err = r.leaveOneOut()
	} else {
		err = r.prequential()
	}
	if err != nil {
		return nil, err
	}
	if r.meters[0].tested == 0 {
		return nil, ErrNothing.Saying("none of %d lines is asked for: leave-one-out asks viewers with three items, and both protocols for positive lines", len(d.Events))
	}
	return r.report(time.Since(began)), nil
}

// run is one measurement.
type run struct {
	*tape
	ctx     context.Context
	o       Options
	subject Subject
	engine  Engine
	weights engagement.Weights
	student *learning.Student
	class   *class
	meters  []*meter // of the feed, then of its variants
	trained trained
	rivals  *rivals
	tell    Progress

	entered  []catalog.Number    // by item; 0: not in the catalogue yet
	byNumber []int32             // item, by number
	counts   []int               // visible lines on each item
	total    int                 // of them
	batch    []engagement.Logged // scratch
	learned  int                 // events, which is the last one's offset
	learning time.Duration
}

func newRun(ctx context.Context, s Subject, t *tape, o Options, tell Progress) (*run, error) {
	n := len(t.items)
	r := &run{
		tape: t, ctx: ctx, o: o, subject: s, weights: o.weights(s.Weights), tell: tell,
		entered: make([]catalog.Number, n), byNumber: make([]int32, 1, n+1), counts: make([]int, n),
		rivals: newRivals(n, o.K),
	}
	r.engine = s.Build(r.weights)
	r.class = &class{}
	authorOf, authors := authorsOf(t.items)
	for _, v := range variants(s.Feed, o.Ablation) {
		p, err := recommend.NewPipeline(v.feed, r.engine.Index, r.engine.Signals, &r.trained)
		if err != nil {
			return nil, err
		}
		r.class.pipelines = append(r.class.pipelines, p)
		r.meters = append(r.meters, newMeter(v, o.K, authorOf, authors))
	}
	r.class.lessons = make([]lessons, len(r.meters))
	r.student = learning.NewStudent(r.engine.Model, r.engine.Signals, r.engine.Index, r.worth, s.Student, r.class)
	return r, nil
}

func (r *run) worth(a audience.Action) float32 {
	return r.weights.Worth(a.Act, a.Watched, a.Duration)
}

// enter puts an item into the catalogue, once.
func (r *run) enter(items []int32, now time.Time) error {
	var news []catalog.Snapshot
	for _, item := range items {
		if r.entered[item] != 0 {
			continue
		}
		n := catalog.Number(len(r.byNumber))
		s, err := r.catalogued(item, n, now)
		if err != nil {
			return err
		}
		r.entered[item], r.byNumber = n, append(r.byNumber, item)
		r.rivals.enter(item)
		news = append(news, s)
	}
	if len(news) > 0 {
		r.engine.Shelf.Apply(news)
	}
	return nil
}

// teach lets a model learn the lines.
func (r *run) teach(model learning.Model, lines []*line) {
	r.batch = r.batch[:0]
	for _, l := range lines {
		r.learned++
		r.batch = append(r.batch, engagement.Logged{Offset: engagement.Offset(r.learned), Received: l.At, Event: r.o.taught(l.Event)})
		if l.item != nothing {
			r.counts[l.item]++
			r.total++
		}
	}
	began := time.Now()
	model.Learn(r.batch)
	r.learning += time.Since(began)
}

// show lets a viewer's knowledge grow by a line.
func (r *run) show(v *viewer, l *line) {
	author := l.Author
	if l.item != nothing {
		e := r.o.taught(l.Event)
		v.saw(l, audience.Action{Item: e.Item, Act: e.Act, At: e.At, Watched: e.Watched, Duration: e.Duration, Session: e.Session}, r.entered[l.item])
		if author == "" {
			author = r.items[l.item].Details.Author
		}
	}
	v.decide(l, author, r.subject.Tuning)
}

// question is what the viewer would be served in the place of the line.
func (r *run) question(v *viewer, l *line) *recommend.Query {
	seed := r.o.Seed*0x9e3779b97f4a7c15 ^ uint64(l.viewer)<<32 ^ uint64(len(v.met))
	return v.query(l.At, seed, r.o.K, r.worth)
}

// ask serves a page by each feed and notes where on it the line's item is.
func (r *run) ask(v *viewer, l *line) error {
	q := r.question(v, l)
	cold := r.counts[l.item] < coldBelow
	failed := make([]error, len(r.meters))
	place := 0
	each(len(r.meters), func(i int) {
		began := time.Now()
		slate := r.class.pipelines[i].Recommend(q)
		at, err := r.meters[i].note(r, slate, l.item, cold, time.Since(began))
		if failed[i] = err; i == 0 {
			place = at
		}
	})
	if r.o.Asked != nil {
		r.o.Asked(q, l.Item, place)
	}
	return errors.Join(failed...)
}

// catalogue finds the place of an item that is in the catalogue.
func (r *run) catalogue(s *catalog.Snapshot) (item int32, known bool) {
	if s.Number >= catalog.Number(len(r.byNumber)) {
		return nothing, false
	}
	item = r.byNumber[s.Number]
	return item, r.items[item].ID == s.ID
}

// stop is why the run ends early, or nil.
func (r *run) stop() error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	return nil
}
