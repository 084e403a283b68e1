package databases

import (
	"context"
	"sync/atomic"

	"github.com/freshet/freshet/adapters/mysqlstore"
)

// Counting gives the numbers 1, 2, 3 …, so that a test which repeats gets the same ones. All who write items to one database
// share it.
func Counting() mysqlstore.NextNumber {
	var last atomic.Uint64
	return func(context.Context) (uint64, error) { return last.Add(1), nil }
}
