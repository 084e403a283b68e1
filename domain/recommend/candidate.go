package recommend

// candidate is one item that a source proposed for the page being made.
type candidate struct {
	at       Ordinal
	traits   *Traits
	features [numFeatures]float32
	from     uint16 // bit f: the source of feature f proposed it; 0: it is pinned
	lead     feature
	leadBy   float32 // how loud the lead source spoke
	because  because
	gain     float32 // what the predicted actions add to its value
	value    float32
	dropped  filterID // 0: eligible
	picked   bool
	held     bool // for its place as a pin
	due      bool // on the page for what it is worth, as far as could be told before
}

// because is what a source's proposal rests on: an item (ordinal in ref) or a term.
type because struct {
	kind becauseKind
	ref  uint32
}

type becauseKind uint8

const (
	noBecause becauseKind = iota
	becauseItem
	becauseAuthor
	becauseTag
	becauseLang
	becauseRegion
	becauseHabit // what the trained model says of the item in ref: which liked item says most is worked out when it is told
)

// pool gathers candidates; an item proposed by several sources is one candidate.
type pool struct {
	list  []candidate
	index table  // ordinal → place in list + 1
	heed  uint16 // bit f: a slot is kept for the source of feature f
	heard []word // what those said
}

// word is what a source said of a candidate.
type word struct {
	place int
	by    feature
	score float32
	why   because
}

// onlyExplore is from for what no other source proposed.
const onlyExplore = 1 << fExplore

func (p *pool) reset(n int) {
	p.list, p.heard = p.list[:0], p.heard[:0]
	p.index.reset(n)
}

// add records that the source f proposes the item with a score of at most 1; said again, the
// higher score stays.
func (p *pool) add(at Ordinal, f feature, score float32, why because) {
	by := score * loudness[f]
	place := p.index.at(uint64(at))
	if *place == 0 {
		p.list = append(p.list, candidate{at: at, lead: f, because: why, leadBy: by})
		*place = float32(len(p.list))
	}
	c := &p.list[int(*place)-1]
	c.from |= 1 << f
	if score > c.features[f] {
		c.features[f] = score
	}
	if by > c.leadBy {
		c.lead, c.leadBy, c.because = f, by, why
	}
	if p.heed&(1<<f) != 0 {
		p.heard = append(p.heard, word{int(*place) - 1, f, score, why})
	}
}

// find returns the candidate, nil when nobody proposed it.
func (p *pool) find(at Ordinal) *candidate {
	if place := int(p.index.get(uint64(at))); place > 0 {
		return &p.list[place-1]
	}
	return nil
}

// ensure returns the item's place, made when no source proposed it.
func (p *pool) ensure(at Ordinal) int {
	place := p.index.at(uint64(at))
	if *place == 0 {
		p.list = append(p.list, candidate{at: at})
		*place = float32(len(p.list))
	}
	return int(*place) - 1
}

// why is what the word of a source that slots are kept for rests on.
func (p *pool) why(place int, by feature) (why because) {
	best := float32(-1)
	for _, w := range p.heard {
		if w.place == place && w.by == by && w.score > best {
			best, why = w.score, w.why
		}
	}
	return why
}
