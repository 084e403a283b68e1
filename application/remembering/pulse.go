package remembering

import (
	"context"
	"time"
)

// Heart tells whether the fast store is alive and still the same.
type Heart interface {
	// RunID changes when the store was restarted and may have lost what it held.
	RunID(ctx context.Context) (string, error)
	// Restarts grows when this process comes to talk to a store that was restarted, or to another in its place, before
	// anything is answered by it.
	Restarts() uint64
	// Seal keeps the pulse in the store itself, for processes that were not there.
	Seal(ctx context.Context, p Pulse) error
	// Sealed answers the pulse kept last, or an older one after a restart that lost it; the zero Pulse when none is.
	Sealed(ctx context.Context) (Pulse, error)
}

// Pulse is what was known of the fast store when its copies were last as good as the durable records.
type Pulse struct {
	RunID string
	At    time.Time // when that was
	Lost  time.Time // when it was last seen to have been restarted; zero: never
}

// beat is all that may make fast copies old without anybody here knowing whose.
type beat struct{ parted, restarts uint64 }

// Part says that the fast store was out of reach: others may have recorded what its copies miss.
func (v *Viewers) Part() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.parted++
}

// Sure reports whether all whose fast copies missed something are known here. It is false from the moment the fast store was out of
// reach or restarted until a Repair has mended what others put on the list.
func (v *Viewers) Sure() bool { return v.beat() == v.settled() }

func (v *Viewers) beat() beat {
	restarts := v.heart.Restarts()
	v.mu.Lock()
	defer v.mu.Unlock()
	return beat{v.parted, restarts}
}

func (v *Viewers) settled() beat {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.sure
}
