package memindex

import (
	"cmp"
	"math"
	"slices"
	"unsafe"

	"github.com/freshet/freshet/domain/recommend"
)

// outcomes counts meetings by what came of them, with the half-life of trials; at is the event time of the counts, Unix
// milliseconds.
type outcomes[F float32 | float64] struct {
	at int64
	of [recommend.NumOutcomes]F
}

// move counts that a meeting became another.
func (t *outcomes[F]) move(was, is recommend.Response, now int64) {
	if now > t.at {
		d := F(trialDecay(now - t.at))
		for o := range t.of {
			t.of[o] *= d
		}
		t.at = now
	}
	one := F(trialDecay(t.at - now))
	for o := range recommend.NumOutcomes {
		switch had, has := was.Has(o), is.Has(o); {
		case has && !had:
			t.of[o] += one
		case had && !has:
			t.of[o] = max(0, t.of[o]-one)
		}
	}
}

// told is what is counted at now.
func (t *outcomes[F]) told(now int64) (out recommend.Outcomes) {
	if t.of[recommend.Opened] == 0 {
		return out
	}
	d := F(trialFade(max(0, now-t.at)))
	for o, n := range t.of {
		out[o] = float32(min(n, t.of[recommend.Opened]) * d)
	}
	return out
}

// Outcomes implements recommend.Signals, with a half-life of 30 days before the newest event. Meetings are those of
// Trials that went beyond seeing.
func (l *Learner) Outcomes(of []recommend.Ordinal, into []recommend.Outcomes) recommend.Outcomes {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i, o := range of {
		into[i] = recommend.Outcomes{}
		if slot := l.items.known(o); slot != nobody {
			into[i] = l.items.at(slot).came.told(l.fame.now)
		}
	}
	return l.came.told(l.fame.now)
}

// AuthorOutcomes implements recommend.Signals. Events that name an author and no item do not count.
func (l *Learner) AuthorOutcomes(authors []recommend.Term, into []recommend.Outcomes) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i, a := range authors {
		into[i] = recommend.Outcomes{}
		if t := l.authors.find(a); t != nil {
			into[i] = t.told(l.fame.now)
		}
	}
}

const authorsPage = 256

// authors counts by author, in pages by term.
type authors struct {
	pages []*[authorsPage]outcomes[float32]
	held  int // pages
}

func (x *authors) find(of recommend.Term) *outcomes[float32] {
	if page := int(of / authorsPage); of != 0 && page < len(x.pages) && x.pages[page] != nil {
		return &x.pages[page][of%authorsPage]
	}
	return nil
}

func (x *authors) at(of recommend.Term) *outcomes[float32] {
	page := int(of / authorsPage)
	for len(x.pages) <= page {
		x.pages = append(x.pages, nil)
	}
	if x.pages[page] == nil {
		x.pages[page] = new([authorsPage]outcomes[float32])
		x.held++
	}
	return &x.pages[page][of%authorsPage]
}

func (x *authors) bytes() int {
	return x.held*authorsPage*int(unsafe.Sizeof(outcomes[float32]{})) + 8*len(x.pages)
}

// save sorts by name, as charts do.
func (x *authors) save(w *encoder, v *view) {
	type known struct {
		name string
		of   *outcomes[float32]
	}
	var all []known
	for p, page := range x.pages {
		for i := 0; page != nil && i < authorsPage; i++ {
			if page[i] != (outcomes[float32]{}) {
				all = append(all, known{v.names[recommend.AuthorField].name(recommend.Term(p*authorsPage + i)), &page[i]})
			}
		}
	}
	slices.SortFunc(all, func(a, b known) int { return cmp.Compare(a.name, b.name) })
	w.u32(uint32(len(all)))
	for _, k := range all {
		w.text(k.name)
		k.of.save(w)
	}
}

// restoreAuthors leaves out those of whom no item is left.
func restoreAuthors(r *decoder, v *view) (x authors) {
	for range r.count(math.MaxInt32, ErrDamaged) {
		name := r.text(math.MaxUint16)
		t := restoreOutcomes[float32](r)
		if r.err != nil {
			return x
		}
		if term := v.names[recommend.AuthorField].term(hashOf(v.seed, name), name); term != 0 {
			*x.at(term) = t
		}
	}
	return x
}

func (t *outcomes[F]) save(w *encoder) {
	w.u64(uint64(t.at))
	for _, n := range t.of {
		if _, narrow := any(n).(float32); narrow {
			w.f32(float32(n))
		} else {
			w.f64(float64(n))
		}
	}
}

// restoreOutcomes reads counts, which are not below 0.
func restoreOutcomes[F float32 | float64](r *decoder) (t outcomes[F]) {
	t.at = int64(r.u64())
	for o := range t.of {
		if _, narrow := any(t.of[o]).(float32); narrow {
			t.of[o] = F(r.f32())
		} else {
			t.of[o] = F(r.f64())
		}
		if t.of[o] < 0 {
			r.fail(ErrDamaged)
		}
	}
	return t
}
