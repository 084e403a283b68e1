package recommend

// Lesson says what became of a study.
type Lesson struct {
	Candidates int  // among which the choice was looked for
	Found      bool // it was there, and the weights learned from it
}

// Study lets the feed's weights learn from what a viewer went on to: q is what was known before. A choice that the
// sources did not propose teaches nothing.
func (p *Pipeline) Study(q *Query, chosen Ordinal) Lesson {
	a := p.runs.Get().(*arranger)
	defer p.runs.Put(a)
	p.prepare(a, q)
	l := Lesson{Candidates: a.standings.n}
	for i := range a.pool.list {
		if c := &a.pool.list[i]; c.at == chosen && c.dropped == kept {
			l.Found = true
			p.blend.choose(a.pool.list, &a.standings, i, acquaintanceOf(len(a.liked)))
			break
		}
	}
	return l
}

// Blend is what the feed has learned.
func (p *Pipeline) Blend() *Blend { return p.blend }
