package evaluating

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// fewest is how many items a viewer must have met for the last one to be asked for: one to know, one to settle on.
const fewest = 3

// held is what is held out of one viewer's lines.
type held struct {
	lines        []int32 // all of the viewer's, in order
	settle, last int     // places in lines: of the first lines on the last item but one, and on the last one
}

// leaveOneOut learns all but each viewer's last two items, settles the weights on the last but one, and asks for the
// last. Viewers with less than three items are only learned from.
func (r *run) leaveOneOut() error {
	all := make([]int32, len(r.items))
	for i := range all {
		all[i] = int32(i)
	}
	if len(r.lines) > 0 {
		if err := r.enter(all, r.lines[0].At); err != nil {
			return err
		}
	}
	people := r.people()
	known := make([]int, len(r.lines)) // 0: never learned; 1: before settling; 2: before asking
	for _, p := range people {
		for k, i := range p.lines {
			switch {
			case k < p.settle:
				known[i] = 1
			case k < p.last:
				known[i] = 2
			}
		}
	}
	if err := r.fit(known, 1); err != nil {
		return err
	}
	if err := r.settle(people); err != nil {
		return err
	}
	fitted := 1
	if r.o.Fit == Refit {
		fitted = 2
		if err := r.fit(known, 2); err != nil {
			return err
		}
	}
	if err := r.askLast(people); err != nil {
		return err
	}
	return r.askRivals(people, known, fitted)
}

// people gives the lines of each viewer. Where nothing is held out, the places lie past them.
func (r *run) people() []held {
	people := make([]held, len(r.viewers))
	for i := range r.lines {
		p := &people[r.lines[i].viewer]
		p.lines = append(p.lines, int32(i))
	}
	for v := range people {
		p := &people[v]
		p.settle, p.last = len(p.lines), len(p.lines)
		var asked []int
		for k, i := range p.lines {
			if r.lines[i].asked {
				asked = append(asked, k)
			}
		}
		if n := len(asked); n >= fewest {
			p.settle, p.last = asked[n-2], asked[n-1]
		}
	}
	return people
}

func (p *held) tested() bool { return p.last < len(p.lines) }

// fit learns the lines of a stage and makes the long-term model of all up to it.
func (r *run) fit(known []int, stage int) error {
	var lines []*line
	for i := range r.lines {
		if known[i] == stage {
			lines = append(lines, &r.lines[i])
		}
	}
	for some := range slices.Chunk(lines, 1000) {
		r.teach(r.engine.Model, some)
		r.tell(Teaching, r.learned, len(r.lines))
		if err := r.stop(); err != nil {
			return err
		}
	}
	return r.train(func(yield func(*line) bool) {
		for i := range r.lines {
			if known[i] != 0 && known[i] <= stage && !yield(&r.lines[i]) {
				return
			}
		}
	})
}

// settle lets the weights learn from the last item but one.
func (r *run) settle(people []held) error {
	return r.through(people, Settling, func(p *held) int { return p.settle }, func(v *viewer, l *line) error {
		var at [1]recommend.Ordinal
		r.engine.Index.View().Locate([]catalog.ItemID{l.Item}, at[:])
		r.class.Study(r.question(v, l), at[0])
		return nil
	})
}

func (r *run) askLast(people []held) error {
	return r.through(people, Asking, func(p *held) int { return p.last }, func(v *viewer, l *line) error {
		for _, m := range r.meters {
			m.viewers++
		}
		return r.ask(v, l)
	})
}

// through goes from viewer to viewer: each knows what came before the line that is asked for.
func (r *run) through(people []held, phase string, at func(*held) int, ask func(*viewer, *line) error) error {
	v := newViewer("")
	for i := range people {
		p := &people[i]
		if !p.tested() {
			continue
		}
		v.forget(r.viewers[i])
		for _, k := range p.lines[:at(p)] {
			r.show(v, &r.lines[k])
		}
		if err := ask(v, &r.lines[p.lines[at(p)]]); err != nil {
			return err
		}
		if i%100 == 0 {
			r.tell(phase, i, len(people))
			if err := r.stop(); err != nil {
				return err
			}
		}
	}
	return nil
}

// askRivals lets the baselines learn the same lines and answer the same questions. What was popular lately is looked
// at question by question, in the order of time.
func (r *run) askRivals(people []held, known []int, fitted int) error {
	good := make([][]int32, len(r.viewers))
	var questions []*held
	for i := range people {
		if people[i].tested() {
			questions = append(questions, &people[i])
		}
	}
	var news []*line
	for i := range r.lines {
		l := &r.lines[i]
		if !l.good || known[i] == 0 || known[i] > fitted {
			continue
		}
		r.rivals.learn(good[l.viewer], l.item)
		good[l.viewer] = append(good[l.viewer], l.item)
		news = append(news, l)
	}
	at := func(p *held) time.Time { return r.lines[p.lines[p.last]].At }
	slices.SortStableFunc(questions, func(a, b *held) int { return at(a).Compare(at(b)) })
	v := newViewer("")
	for n, p := range questions {
		for len(news) > 0 && !news[0].At.After(at(p)) {
			r.rivals.lately(news[0].item, news[0].At)
			news = news[1:]
		}
		v.forget("")
		for _, k := range p.lines[:p.last] {
			r.show(v, &r.lines[k])
		}
		r.rivals.until(at(p))
		r.rivals.ask(v.met, v.good, r.lines[p.lines[p.last]].item)
		if n%100 == 0 {
			r.tell(Rivals, n, len(questions))
			if err := r.stop(); err != nil {
				return err
			}
		}
	}
	return nil
}
