package recommend

// prospectLength is how many of the items liked last are read.
const prospectLength = 200

// prospect is what the recurrent part of the trained model expects next.
type prospect struct {
	places  *places // nil: nothing is expected
	reading Reading
	usual   float32 // the mean logit of all items, said of those that the model does not know
}

// of is the logarithm of how likely the item at a place comes next, up to a constant of the viewer.
func (p *prospect) of(place uint32, known bool) float32 {
	switch {
	case p.places == nil:
		return 0
	case known:
		return p.reading.Logit(place)
	}
	return p.usual
}

// lookAhead reads what the viewer liked, the oldest first.
func (r *run) lookAhead() {
	p := &r.prospect
	p.places = nil
	if r.places == nil || r.places.model.Recurrent() == nil || !r.counts(fRecurrent) {
		return
	}
	p.reading.Begin(r.places.model.Recurrent())
	for k := min(len(r.liked), prospectLength) - 1; k >= 0; k-- {
		if place, ok := r.places.of(r.liked[k].at); ok {
			p.reading.Read(place)
			p.places = r.places
		}
	}
	if p.places != nil {
		p.reading.Expect()
		p.usual = p.reading.Usual(p.places.vector, p.places.bias)
	}
}
