package recommend

// candidate is one item that a source proposed for the page being made.
type candidate struct {
	at       Ordinal
	traits   *Traits
	features [numFeatures]float32
	from     uint16 // bit f: the source of feature f proposed it
	lead     feature
	leadBy   float32 // how loud the lead source spoke
	because  because
	value    float32
	dropped  filterID // 0: eligible
	picked   bool
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
)

// pool gathers candidates; an item proposed by several sources is one candidate.
type pool struct {
	list  []candidate
	index table // ordinal → place in list + 1
}

func (p *pool) reset(n int) {
	p.list = p.list[:0]
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
}
