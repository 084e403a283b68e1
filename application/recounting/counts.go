package recounting

import (
	"context"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// Counts is the use cases of whoever doubts the counts.
type Counts struct{ ledger Ledger }

// NewCounts wires the parts.
func NewCounts(ledger Ledger) *Counts { return &Counts{ledger} }

// Report is what a comparison found.
type Report struct {
	Offset   engagement.Offset // up to which the log was counted at that moment
	Found    map[Kind]int      // how many differences of each kind there are
	Examples []Difference      // the first ones
}

// Verify compares every count with what it counts, at one moment. At most so many examples are kept.
func (c *Counts) Verify(ctx context.Context, examples int) (*Report, error) {
	r := &Report{Found: make(map[Kind]int)}
	var err error
	r.Offset, err = c.ledger.Compare(ctx, func(d Difference) error {
		r.Found[d.Kind]++
		if len(r.Examples) < examples {
			r.Examples = append(r.Examples, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Differences is how many there are.
func (r *Report) Differences() (n int) {
	for _, found := range r.Found {
		n += found
	}
	return n
}

// Mended is what a rebuild has put right.
type Mended struct{ Rows, Counts int }

// Rebuild makes every count what follows from the log and the ties, while others go on counting. It goes in small commits: one that
// was cut short has mended a part, and the next, which begins at the start, mends the rest. Told is called after each, from one
// goroutine. Past another Rebuild that began later: ErrTakenOver.
func (c *Counts) Rebuild(ctx context.Context, told func(Mended)) (Mended, error) {
	var m Mended
	turn, err := c.ledger.Take(ctx)
	if err != nil {
		return m, err
	}
	var after audience.ViewerID
	for more := true; more; {
		var n int
		if n, after, more, err = c.ledger.MendRows(ctx, turn, after); err != nil {
			return m, err
		}
		m.Rows += n
		told(m)
	}
	err = c.ledger.MendCounts(ctx, turn, func(n int) {
		m.Counts += n
		told(m)
	})
	return m, err
}
