package recommend

import (
	"slices"
	"sync/atomic"

	"github.com/freshet/freshet/domain/catalog"
)

// atlas keeps the places of the model in force.
type atlas struct{ now atomic.Pointer[places] }

// places are those of the model, nil when there is none. Items that come after them are placed when they may matter.
func (a *atlas) places(model *Model, view View) *places {
	if model == nil {
		return nil
	}
	p := a.now.Load()
	if p == nil || p.model != model {
		p = newPlaces(model, view)
		a.now.Store(p)
	} else if len(p.missing) > 0 && p.known < view.Len() {
		p = p.grown(view)
		a.now.Store(p)
	}
	return p
}

// places map a model's items to ordinals and back. They are immutable.
type places struct {
	model    *Model
	known    int                       // the length of the view they were made for
	ordinals []Ordinal                 // by place
	missing  map[catalog.ItemID]uint32 // items that were not there at first, with their places
	slots    []uint64                  // ordinal<<32 | place+1, by a hash of the ordinal; half of them are 0
	shift    uint8
	vector   []float32 // of the recurrent part, the mean of all items
	bias     float32   // likewise
}

func newPlaces(model *Model, view View) *places {
	p := &places{model: model, known: view.Len(), ordinals: make([]Ordinal, len(model.Items())), missing: map[catalog.ItemID]uint32{}, shift: 58}
	for 1<<(64-p.shift) < 2*len(p.ordinals) {
		p.shift--
	}
	p.slots = make([]uint64, 1<<(64-p.shift))
	if r := model.Recurrent(); r != nil {
		p.vector, p.bias = r.Mean()
	}
	view.Locate(model.Items(), p.ordinals)
	for place, at := range p.ordinals {
		if at == Nowhere {
			p.missing[model.Items()[place]] = uint32(place)
		} else {
			p.put(at, uint32(place))
		}
	}
	return p
}

// grown are the places with those of the missing items that came since.
func (p *places) grown(view View) *places {
	g := *p
	g.known = view.Len()
	var ords [scanBlock]Ordinal
	var items [scanBlock]*catalog.Snapshot
	for from := p.known; from < g.known; from += scanBlock {
		n := min(scanBlock, g.known-from)
		for i := range n {
			ords[i] = Ordinal(from + i)
		}
		view.Items(ords[:n], items[:n])
		for i, item := range items[:n] {
			if item == nil {
				continue
			}
			if place, missed := p.missing[item.ID]; missed {
				if &g.slots[0] == &p.slots[0] {
					g.slots, g.ordinals = slices.Clone(p.slots), slices.Clone(p.ordinals)
				}
				g.ordinals[place] = ords[i]
				g.put(ords[i], place)
			}
		}
	}
	return &g
}

func (p *places) of(at Ordinal) (uint32, bool) {
	s := p.slots[p.find(at)]
	return uint32(s) - 1, s != 0
}

func (p *places) put(at Ordinal, place uint32) {
	p.slots[p.find(at)] = uint64(at)<<32 | uint64(place+1)
}

// find is the slot of an ordinal, or the one it would take.
func (p *places) find(at Ordinal) uint64 {
	i := uint64(at) * 0x9e3779b97f4a7c15 >> p.shift
	for p.slots[i] != 0 && Ordinal(p.slots[i]>>32) != at {
		i = (i + 1) & uint64(len(p.slots)-1)
	}
	return i
}
