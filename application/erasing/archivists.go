package erasing

import (
	"context"
	"time"
)

// Archivists are several, one after the other; each has the patience.
type Archivists []Archivist

// Settle implements Archivist.
func (a Archivists) Settle(ctx context.Context, patience time.Duration) error {
	for _, one := range a {
		if err := one.Settle(ctx, patience); err != nil {
			return err
		}
	}
	return nil
}
