package recommend

// succession is what others turned to after what the viewer liked, by ordinal: a table as in table.go, of all that is
// said of an item at once, since thousands of links are summed for each page.
type succession struct {
	strands []strand
	stamp   uint32
	n       int
}

// strand is all that links say of one item.
type strand struct {
	to        Ordinal
	stamp     uint32
	recent    float32 // after the last twenty, the newer the louder
	last      float32 // after the last one alone
	flat      float32 // after the last sixty, each as loud as the other
	strongest float32 // of the summands of recent,
	from      int32   // and the liked item that it comes from
}

func (s *succession) reset() {
	if s.strands == nil {
		s.strands = make([]strand, 4096)
	}
	if s.stamp++; s.stamp == 0 {
		clear(s.strands)
		s.stamp = 1
	}
	s.n = 0
}

// add takes in a link of that weight.
func (s *succession) add(l *Link, weight float32) {
	if 2*(s.n+1) > len(s.strands) {
		s.grow()
	}
	x := s.find(l.To)
	if x.stamp != s.stamp {
		*x = strand{to: l.To, stamp: s.stamp}
		s.n++
	}
	x.flat += weight
	if l.From >= sequenceLength {
		return
	}
	v := weight * recencies[l.From]
	x.recent += v
	if v > x.strongest {
		x.strongest, x.from = v, int32(l.From)
	}
	if l.From == 0 {
		x.last += weight
	}
}

// of is what is said of an item.
func (s *succession) of(at Ordinal) strand {
	if s.n > 0 {
		if x := s.find(at); x.stamp == s.stamp {
			return *x
		}
	}
	return strand{}
}

// sums appends what the last twenty lead to, in no order.
func (s *succession) sums(into []sum) []sum {
	for i := range s.strands {
		if x := &s.strands[i]; x.stamp == s.stamp && x.recent > 0 {
			into = append(into, sum{to: x.to, score: x.recent, from: int(x.from), strongest: x.strongest})
		}
	}
	return into
}

func (s *succession) find(at Ordinal) *strand {
	mask := uint64(len(s.strands) - 1)
	for i := scatter(uint64(at)) & mask; ; i = (i + 1) & mask {
		if x := &s.strands[i]; x.stamp != s.stamp || x.to == at {
			return x
		}
	}
}

func (s *succession) grow() {
	old := s.strands
	s.strands = make([]strand, 2*len(old))
	for i := range old {
		if old[i].stamp == s.stamp {
			*s.find(old[i].to) = old[i]
		}
	}
}
