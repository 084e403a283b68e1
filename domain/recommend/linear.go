package recommend

import (
	"slices"

	"github.com/freshet/freshet/domain/catalog"
)

// Linear is a trained item-to-item model: what a viewer will turn to is the sum of the rows of what the
// viewer met, so that new viewers and new acts count at once, without another training. It is immutable.
type Linear struct {
	version uint64
	items   []catalog.ItemID
	rows    []LinearRow
}

// LinearRow is what one item says for others.
type LinearRow struct {
	To      []uint32 // places of items in the model, ascending; nil: all of them, in order
	Weights []float32
}

// NewLinear takes over items, without repeats, and a row for each. Places in rows lie below len(items), To is as long
// as Weights or nil, and every weight is finite.
func NewLinear(version uint64, items []catalog.ItemID, rows []LinearRow) *Linear {
	return &Linear{version, items, rows}
}

// Version grows with every training; 0 is no model.
func (l *Linear) Version() uint64 {
	if l == nil {
		return 0
	}
	return l.version
}

// Items are the items that the model knows, by place. They are read-only.
func (l *Linear) Items() []catalog.ItemID { return l.items }

// Row is what the item at a place says for others. It is read-only.
func (l *Linear) Row(place int) LinearRow { return l.rows[place] }

// add adds weight times the row of the item at a place to a score for each place.
func (l *Linear) add(place uint32, weight float32, to []float32) {
	row := l.rows[place]
	if row.To == nil {
		to = to[:len(row.Weights)]
		for i, w := range row.Weights {
			to[i] += weight * w
		}
		return
	}
	for i, t := range row.To {
		to[t] += weight * row.Weights[i]
	}
}

// weight is what the item at one place says for that at another.
func (l *Linear) weight(from, to uint32) float32 {
	row := l.rows[from]
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
	Linear() *Linear
}

// Untrained is for where no model is ever trained.
type Untrained struct{}

// Linear is nil.
func (Untrained) Linear() *Linear { return nil }
