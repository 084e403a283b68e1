package mysqlstore

import (
	"context"
	"sync"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

var errNoNumber = fault.New(fault.Unavailable, "numbers_unavailable", "no number can be had for a new item now")

// NextNumber gives a number that was never given and never will be, at least 1 and below 2^53. It may wait.
type NextNumber func(context.Context) (uint64, error)

// numbers gives out item numbers and takes back what was not used.
type numbers struct {
	next NextNumber
	mu   sync.Mutex
	free []catalog.Number
}

// reserve takes count numbers, or fewer and why there are no more. The caller gives back those that no transaction has seen.
func (n *numbers) reserve(ctx context.Context, count int) ([]catalog.Number, error) {
	got := n.take(count)
	for len(got) < count {
		number, err := n.next(ctx)
		if err != nil {
			if !fault.Is(err, fault.Unavailable) {
				err = errNoNumber.Because(err)
			}
			return got, err
		}
		got = append(got, catalog.Number(number))
	}
	return got, nil
}

// take takes at most count of those given back, the first given back first.
func (n *numbers) take(count int) []catalog.Number {
	n.mu.Lock()
	defer n.mu.Unlock()
	count = min(count, len(n.free))
	got := append([]catalog.Number(nil), n.free[:count]...)
	n.free = n.free[count:]
	return got
}

func (n *numbers) giveBack(unused []catalog.Number) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.free = append(n.free, unused...)
}
