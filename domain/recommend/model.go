package recommend

import (
	"slices"

	"github.com/freshet/freshet/domain/catalog"
)

// Model is what was trained: a linear part, in which what a viewer will turn to is the sum of the rows of what the
// viewer liked, and a recurrent one, if there is one. Both take a history as it is, so that new viewers and new acts count
// at once, without another training. It is immutable.
type Model struct {
	version   uint64
	items     []catalog.ItemID
	rows      []LinearRow
	recurrent *Recurrent
}

// LinearRow is what one item says for others.
type LinearRow struct {
	To      []uint32 // places of items in the model, ascending; nil: all of them, in order
	Weights []float32
}

// NewModel takes over items, without repeats, a row for each, and a recurrent part for as many items or none. Places in
// rows lie below len(items), To is as long as Weights or nil, and every number is finite.
func NewModel(version uint64, items []catalog.ItemID, rows []LinearRow, recurrent *Recurrent) *Model {
	return &Model{version, items, rows, recurrent}
}

// Version grows with every training; 0 is no model.
func (m *Model) Version() uint64 {
	if m == nil {
		return 0
	}
	return m.version
}

// Items are the items that the model knows, by place. They are read-only.
func (m *Model) Items() []catalog.ItemID { return m.items }

// Row is what the item at a place says for others. It is read-only.
func (m *Model) Row(place int) LinearRow { return m.rows[place] }

// Recurrent is the recurrent part, nil where there is none. It is read-only.
func (m *Model) Recurrent() *Recurrent { return m.recurrent }

// Add adds weight times the row of the item at a place to a score for each place.
func (m *Model) Add(place uint32, weight float32, to []float32) {
	row := m.rows[place]
	if row.To == nil {
		accumulate(to[:len(row.Weights)], weight, row.Weights)
		return
	}
	for i, t := range row.To {
		to[t] += weight * row.Weights[i]
	}
}

// addBoth adds the row to two scores for each place at once: weight times, and as it is.
func (m *Model) addBoth(place uint32, weight float32, weighed, plain []float32) {
	row := m.rows[place]
	if row.To == nil {
		weighed, plain = weighed[:len(row.Weights)], plain[:len(row.Weights)]
		for i, w := range row.Weights {
			weighed[i] += weight * w
			plain[i] += w
		}
		return
	}
	for i, t := range row.To {
		w := row.Weights[i]
		weighed[t] += weight * w
		plain[t] += w
	}
}

// weight is what the item at one place says for that at another.
func (m *Model) weight(from, to uint32) float32 {
	row := m.rows[from]
	if row.To == nil {
		return row.Weights[to]
	}
	if i, ok := slices.BinarySearch(row.To, to); ok {
		return row.Weights[i]
	}
	return 0
}

// Models gives the trained model in force, nil when there is none. It is safe for concurrent use.
type Models interface {
	Model() *Model
}

// Untrained is for where no model is ever trained.
type Untrained struct{}

// Model is nil.
func (Untrained) Model() *Model { return nil }
