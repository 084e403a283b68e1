package kafkastore

import (
	"context"
	"time"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
)

// erasePatience is how long an erasure waits for records to be copied.
const erasePatience = 5 * time.Second

// Eraser takes whoever is erased out of the topic, with everybody else's records: all that were there are copied first, and
// then deleted. It is the erasing.Store that comes before those of the database.
type Eraser struct{ log *Log }

// NewEraser works on log, which somebody copies meanwhile.
func NewEraser(log *Log) *Eraser { return &Eraser{log} }

// Erase implements erasing.Store. The receipt counts records of all viewers. After it, no record that was there can be read by
// anybody; when brokers take its bytes off their disks is theirs to say. When it fails, everything may still be there.
func (e *Eraser) Erase(ctx context.Context, _ audience.ViewerID) ([]erasing.Removed, error) {
	receipt := []erasing.Removed{{Store: "kafka", What: "records"}}
	low, end, err := e.log.bounds(ctx)
	if err != nil || low == end {
		return receipt, err
	}
	barrier, err := e.log.putBarrier(ctx) // what is remembered of the records goes with them, everywhere at the same place
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, erasePatience)
	defer cancel()
	err = e.log.await(ctx, func() (bool, error) { return e.log.copied.Record > barrier, nil })
	if err != nil {
		return nil, copying.ErrBehind.Because(err)
	}
	if err := e.log.deleteBefore(ctx, barrier+1); err != nil {
		return nil, err
	}
	receipt[0].Count = barrier - low
	return receipt, nil
}
