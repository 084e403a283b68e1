package recommend

import (
	"context"

	"github.com/freshet/freshet/domain/fault"
)

// Why there is no blend.
var (
	ErrBlendNotFound   = fault.New(fault.NotFound, "blend_not_found", "nothing is kept that the feed learned from these weights on")
	ErrBlendUnreadable = fault.New(fault.Internal, "blend_unreadable", "what the feed learned is damaged or of an unknown format")
)

// KeptBlend is what a feed learned, and from what. It says nothing of any one viewer.
type KeptBlend struct {
	Learned
	UpTo    uint64 // the offset in the event log up to which it was learned
	Choices uint64 // that were looked at; Learned.Steps says how many of them taught something
}

// BlendStore keeps what feeds learn, for all instances. What a feed learned is kept under its name and a key that stands
// for what it began with, each at most 64 bytes of ASCII. Every implementation passes recommendtest.BlendStore.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable; what was asked may or may not
// have been done.
type BlendStore interface {
	// Load fails with ErrBlendNotFound or ErrBlendUnreadable.
	Load(ctx context.Context, feed, key string) (KeptBlend, error)
	// Save keeps b, unless one that was learned as far or farther is kept. All numbers are finite.
	Save(ctx context.Context, feed, key string, b KeptBlend) error
}
