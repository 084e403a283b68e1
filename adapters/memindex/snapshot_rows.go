package memindex

import "math"

func (x *rows) save(w *encoder, of *items) {
	w.u32(x.hand)
	w.u32(uint32(x.n))
	for s := range uint32(of.n) {
		r := of.at(s).row
		if r == nil {
			continue
		}
		w.u32(s)
		w.f32(r.sum)
		w.u32(r.evicted)
		w.flag(r.touched)
		w.u32(uint32(cap(r.tos)))
		w.u32(uint32(len(r.tos)))
		for i, to := range r.tos {
			w.u32(to)
			w.f32(r.counts[i])
		}
		w.u32(uint32(len(r.tail)))
		for _, l := range r.tail {
			w.u32(l.to)
			if l.to != 0 {
				w.f32(l.count)
			}
		}
	}
}

func restoreRows(r *decoder, of *items, o Options) rows {
	x := rows{o: o, hand: r.u32()}
	x.n = r.count(of.n, ErrDamaged)
	next := 0
	for range x.n {
		s := r.between(next, of.n-1)
		if r.err != nil {
			return x
		}
		next = int(s) + 1
		of.at(s).row = x.restore(r, of.n)
	}
	return x
}

// restore reads one row and takes its places from the budget.
func (x *rows) restore(r *decoder, items int) *row {
	n := &row{sum: r.f32(), evicted: r.u32(), touched: r.flag()}
	room := int(r.between(1, max(x.o.Neighbours, leastTop)))
	held := int(r.between(1, room))
	if x.afforded(r, room); r.err != nil {
		return nil
	}
	n.tos, n.counts = make([]uint32, held, room), make([]float32, held, room)
	for i := range held {
		n.tos[i], n.counts[i] = r.between(1, items), r.f32()
	}
	tail := int(r.between(0, x.o.Tail))
	if tail%(2*bucketLen) != 0 || tail&(tail-1) != 0 {
		r.fail(ErrDamaged)
	}
	if x.afforded(r, tail); r.err != nil || tail == 0 {
		return n
	}
	n.tail = make([]link, tail)
	for i := range n.tail {
		if to := r.between(0, items); to != 0 {
			n.tail[i] = link{to, r.f32()}
		}
	}
	return n
}

func (x *rows) afforded(r *decoder, places int) {
	if x.links += places; x.links > min(x.o.Links, math.MaxInt32) {
		r.fail(ErrDamaged)
	}
}
