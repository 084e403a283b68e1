package memindex

import (
	"fmt"
	"io"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// Why a snapshot is refused.
var (
	ErrDamaged = fault.New(fault.Internal, "snapshot_damaged", "the snapshot of what was learned is damaged or of an unknown format")
	ErrForeign = fault.New(fault.Internal, "snapshot_foreign", "the snapshot was made with other weights, other bounds or another catalogue")
)

// The first words of a snapshot; the second changes with its format.
const (
	snapshotMagic   = 0x4e4c5246
	snapshotVersion = 2
)

// Save writes all that is known: whoever restores it and learns what follows knows the same as whoever never stopped.
// Items are named by id, viewers by a hash of theirs. Readers are not kept waiting; Learn is.
func (l *Learner) Save(to io.Writer) error {
	l.learning.Lock() // nothing else changes what is known
	defer l.learning.Unlock()
	w := newEncoder(to)
	w.u32(snapshotMagic)
	w.u32(snapshotVersion)
	w.u64(l.fingerprint())
	w.u64(l.model.Load())
	for _, n := range []uint64{l.stats.Learned, l.stats.Unknown, l.stats.Authors, l.stats.Capped} {
		w.u64(n)
	}
	v := l.index.view.Load()
	l.fame.save(w)
	l.items.save(w, v)
	l.rows.save(w, &l.items)
	l.viewers.save(w)
	l.charts.save(w, v)
	l.authors.save(w, v)
	l.came.save(w)
	return w.close()
}

// Restore takes over what Save wrote, in the place of what was known. It fails with ErrDamaged, or with ErrForeign
// where weights or options are not those of the learner that saved, or the index does not hold an item of the snapshot;
// then nothing changed. It may read past the end of what Save wrote.
func (l *Learner) Restore(from io.Reader) error {
	l.learning.Lock()
	defer l.learning.Unlock()
	r := newDecoder(from)
	if r.u32() != snapshotMagic || r.u32() != snapshotVersion {
		return ErrDamaged.Because(r.err)
	}
	if r.u64() != l.fingerprint() {
		return ErrForeign.Because(r.err)
	}
	model := r.u64()
	stats := LearnerStats{Learned: r.u64(), Unknown: r.u64(), Authors: r.u64(), Capped: r.u64()}
	v := l.index.view.Load()
	fame := restoreFame(r)
	items := restoreItems(r, v)
	rows := restoreRows(r, &items, l.o)
	viewers := restoreViewers(r, l.o.Viewers, items.n)
	charts := restoreCharts(r, v, l.o.Top, items.n)
	authors := restoreAuthors(r, v)
	came := restoreOutcomes[float64](r)
	if err := r.close(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fame, l.items, l.rows, l.viewers, l.charts, l.stats = fame, items, rows, viewers, charts, stats
	l.authors, l.came = authors, came
	l.turns++
	l.model.Store(model)
	return nil
}

// fingerprint is of all that decides what is learned from an event.
func (l *Learner) fingerprint() uint64 { return digest(fmt.Sprintf("%+v %v", l.o, l.weights)) }

func (f *fame) save(w *encoder) {
	w.u64(uint64(f.now))
	for i := range f.totals {
		w.f64(f.totals[i])
		w.f64(f.trust[i])
	}
}

func restoreFame(r *decoder) (f fame) {
	f.now = int64(r.u64())
	for i := range f.totals {
		f.totals[i], f.trust[i] = r.f64(), r.f64()
	}
	return f
}

func (x *items) save(w *encoder, v *view) {
	w.u32(uint32(x.n))
	for s := range uint32(x.n) {
		w.text(string(v.entries.get(uint32(x.face(s).item)).id()))
		record := x.at(s)
		for _, at := range []int64{record.praisedAt, record.triedAt, record.bornAt} {
			w.u64(uint64(at))
		}
		for _, good := range record.good {
			w.f32(good)
		}
		w.f32(record.total)
		w.f32(record.met)
		w.f32(record.liked)
		record.came.save(w)
	}
}

func restoreItems(r *decoder, v *view) (x items) {
	n := r.count(int(v.n), ErrForeign)
	for range n {
		at := v.find(catalog.ItemID(r.text(catalog.MaxIDBytes)))
		if at == recommend.Nowhere {
			r.fail(ErrForeign)
		}
		if r.err == nil && x.known(at) != nobody {
			r.fail(ErrDamaged)
		}
		if r.err != nil {
			return x
		}
		s := x.slot(at)
		record := x.at(s)
		record.praisedAt, record.triedAt, record.bornAt = int64(r.u64()), int64(r.u64()), int64(r.u64())
		for i := range record.good {
			record.good[i] = r.f32()
		}
		record.total, record.met, record.liked = r.f32(), r.f32(), r.f32()
		record.came = restoreOutcomes[float32](r)
		x.face(s).damp = damp(record.total)
	}
	return x
}

func (x *viewers) save(w *encoder) {
	w.u32(uint32(len(x.at)))
	for i := x.oldest; i != nobody; i = x.get(i).newer {
		v := x.get(i)
		w.u64(v.key)
		w.u64(uint64(v.minute))
		w.u64(uint64(v.events))
		w.u32(v.praisedNext)
		w.u32(v.metNext)
		saveMarks(w, v.praised[:])
		saveMarks(w, v.met[:])
		for m := range v.met {
			if v.met[m].slot != 0 {
				w.u32(uint32(v.did[m]))
			}
		}
	}
}

// saveMarks writes a mask of the places in use, and those.
func saveMarks(w *encoder, marks []mark) {
	var used uint32
	for i := range marks {
		if marks[i].slot != 0 {
			used |= 1 << i
		}
	}
	w.u32(used)
	for i := range marks {
		if marks[i].slot != 0 {
			w.u32(marks[i].slot)
			w.f32(marks[i].liked)
		}
	}
}

func restoreMarks(r *decoder, marks []mark, items int) {
	used := r.u32()
	for i := range marks {
		if used&(1<<i) != 0 {
			marks[i] = mark{slot: r.between(1, items), liked: r.f32()}
		}
	}
}

func restoreViewers(r *decoder, most, items int) viewers {
	x := newViewers(most)
	n := r.count(most, ErrDamaged)
	for range n {
		if r.err != nil {
			return x
		}
		key := r.u64()
		if _, twice := x.at[key]; twice {
			r.fail(ErrDamaged)
			return x
		}
		v := x.visitKey(key)
		v.minute, v.events = int64(r.u64()), int(r.u64())
		v.praisedNext, v.metNext = r.between(0, lags-1), r.between(0, meetings-1)
		restoreMarks(r, v.praised[:], items)
		restoreMarks(r, v.met[:], items)
		for m := range v.met {
			if v.met[m].slot != 0 {
				v.did[m] = recommend.Response(r.between(0, int(recommend.AnyResponse)))
			}
		}
	}
	return x
}
