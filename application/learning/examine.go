package learning

import (
	"context"
	"io"

	"github.com/freshet/freshet/domain/engagement"
)

// Examine reads how far a snapshot was learned. It fails with ErrSnapshotDamaged, or ErrSnapshotForeign where it is not of this log; of
// what follows the head it reads nothing.
func Examine(ctx context.Context, from io.Reader, log engagement.EventLog) (upTo engagement.Offset, err error) {
	h, err := readHead(from)
	if err != nil {
		return 0, err
	}
	return engagement.Offset(h.upTo), h.of(ctx, log)
}

// of fails unless the snapshot is of this log.
func (h *head) of(ctx context.Context, log engagement.EventLog) error {
	if h.upTo == 0 {
		return nil
	}
	events, err := log.Read(ctx, engagement.Offset(h.upTo-1), 1)
	if err != nil {
		return err
	}
	if len(events) == 0 || uint64(events[0].Offset) != h.upTo || digest(string(events[0].ID)) != h.last {
		return ErrSnapshotForeign
	}
	return nil
}
