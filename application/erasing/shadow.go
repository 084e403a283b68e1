package erasing

import (
	"context"

	"github.com/freshet/freshet/domain/audience"
)

// Shadow is all that is kept of shadow traffic, as one store: receipts name it apart from what it stands for.
type Shadow struct {
	Archivist Archivist
	Stores    []Store
}

// Erase implements Store. What there was nothing of is not named.
func (s Shadow) Erase(ctx context.Context, viewer audience.ViewerID) (found []Removed, err error) {
	if err := s.Archivist.Settle(ctx, patience); err != nil {
		return nil, err
	}
	for _, store := range s.Stores {
		removed, err := store.Erase(ctx, viewer)
		for _, r := range removed {
			if r.Count > 0 {
				r.Store = "shadow " + r.Store
				found = append(found, r)
			}
		}
		if err != nil {
			return found, err
		}
	}
	return found, nil
}
