package mysqlstore

import (
	"context"
	"sync"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/catalog"
)

// numberBlock is how many item numbers an instance takes at once; what it has not used when it ends
// is never used.
const numberBlock = 512

// numbers hands out item numbers from blocks of this instance's own.
type numbers struct {
	db   *DB
	mu   sync.Mutex
	free []catalog.Number
}

// reserve takes n numbers; the caller gives back those that no transaction has seen.
func (n *numbers) reserve(ctx context.Context, count int) ([]catalog.Number, error) {
	if got := n.take(count); got != nil {
		return got, nil
	}
	block := max(numberBlock, count)
	var head int64
	err := n.db.write(ctx, func(tx *gorm.DB) (err error) {
		if head, err = n.db.lockHead(tx, "items"); err != nil {
			return err
		}
		return setHead(tx, "items", head+int64(block))
	})
	if err != nil {
		return nil, err
	}
	fresh := make([]catalog.Number, block)
	for i := range fresh {
		fresh[i] = catalog.Number(head + 1 + int64(i))
	}
	n.giveBack(fresh[count:])
	return fresh[:count:count], nil
}

func (n *numbers) take(count int) []catalog.Number {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.free) < count {
		return nil
	}
	got := append([]catalog.Number(nil), n.free[:count]...)
	n.free = n.free[count:]
	return got
}

func (n *numbers) giveBack(unused []catalog.Number) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.free = append(n.free, unused...)
}
