package evaluating

// prequential goes through the lines in the order of time, asks for each what a viewer newly turned to, and lets the
// engine learn it a delay later. Lines at the same time of the same viewer are asked for before any of them is learned.
func (r *run) prequential() error {
	known := make([]*viewer, len(r.viewers))
	visible := 0
	asked := map[int32]struct{}{}
	for from := 0; from < len(r.lines); {
		to := from + 1
		for to < len(r.lines) && r.lines[to].viewer == r.lines[from].viewer && r.lines[to].At.Equal(r.lines[from].At) {
			to++
		}
		until := visible
		for until < from && !r.lines[until].At.Add(r.o.Delay).After(r.lines[from].At) {
			until++
		}
		if err := r.reveal(known, visible, until); err != nil {
			return err
		}
		visible = until
		for i := from; i < to; i++ {
			l := &r.lines[i]
			if l.again {
				r.repeats()
			}
			if !l.first || !l.asked {
				continue
			}
			asked[l.viewer] = struct{}{}
			r.rivals.until(l.At)
			if err := r.pose(known, l); err != nil {
				return err
			}
		}
		if from == 0 || from/1000 != to/1000 {
			r.tell(Asking, to, len(r.lines))
			if err := r.stop(); err != nil {
				return err
			}
		}
		from = to
	}
	for _, m := range r.meters {
		m.viewers = len(asked)
	}
	return nil
}

// pose asks for the item of a line.
func (r *run) pose(known []*viewer, l *line) error {
	v := r.known(known, l.viewer)
	if r.entered[l.item] == 0 {
		for _, m := range r.meters {
			m.miss()
		}
		r.rivals.miss()
		if r.o.Asked != nil {
			r.o.Asked(nil, l.Item, 0)
		}
		return nil
	}
	r.rivals.ask(v.met, v.good, l.item)
	return r.ask(v, l)
}

func (r *run) repeats() {
	for _, m := range r.meters {
		m.repeats++
	}
}

// reveal makes lines known: to their viewers, to the engine and to the baselines.
func (r *run) reveal(known []*viewer, from, to int) error {
	if from == to {
		return nil
	}
	var lines []*line
	for i := from; i < to; i++ {
		l := &r.lines[i]
		if l.item != nothing {
			if err := r.enter([]int32{l.item}, l.At); err != nil {
				return err
			}
		}
		v := r.known(known, l.viewer)
		if l.good {
			r.rivals.learn(v.good, l.item)
			r.rivals.lately(l.item, l.At)
		}
		r.show(v, l)
		lines = append(lines, l)
	}
	r.teach(r.student, lines)
	if r.due() {
		return r.train(func(yield func(*line) bool) {
			for i := range r.lines[:to] {
				if !yield(&r.lines[i]) {
					return
				}
			}
		})
	}
	return nil
}

func (r *run) known(all []*viewer, place int32) *viewer {
	if all[place] == nil {
		all[place] = newViewer(r.viewers[place])
	}
	return all[place]
}
