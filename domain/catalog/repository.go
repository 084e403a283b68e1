package catalog

import (
	"context"
	"time"
)

// ItemRepository keeps items. Every implementation passes catalogtest.Items.
//
// Methods are safe for concurrent use. Beyond the errors each names, any may fail with a
// fault of kind Unavailable; what was asked may or may not have been done.
type ItemRepository interface {
	// Find returns the item, hidden ones included. Never published or removed: ErrItemNotFound.
	Find(ctx context.Context, id ItemID) (*FeedItem, error)

	// Update loads the items (Unknown for those never published), runs change on each and stores
	// those that changed together with their facts: all in one commit. The answer is aligned with
	// ids: an item whose change failed is left out of the commit and its place holds that error.
	// If the commit fails, nothing was stored and the second result says why.
	//
	// ids must not repeat. When writers collide, change runs again on fresh items, so it calls
	// nothing remote and can be run twice. number hands each new item its number.
	Update(ctx context.Context, ids []ItemID, change func(item *FeedItem, number func() (Number, error)) error) ([]error, error)

	// Scan returns up to limit items, removed ones included, with numbers above after, in order of
	// number; with a non-zero since only those changed at or after it.
	Scan(ctx context.Context, since time.Time, after Number, limit int) ([]Snapshot, error)
}

// Changes is the stream of item facts, fed by the relay from the outbox and followed by every
// instance. Delivery is at least once and may repeat or reorder; versions tell which is newer.
type Changes interface {
	// Publish appends the snapshots, in order. With one among them that the stream can never hold it fails with
	// ErrUndeliverable and has appended nothing; after any other error it may have appended some.
	Publish(ctx context.Context, items []Snapshot) error
	// Position returns the place after the newest entry; reading from it gives only what comes later.
	Position(ctx context.Context) (string, error)
	// Keeps reports whether all that came after the position can still be followed: false where it may have been dropped
	// since, or the stream is another one by now.
	Keeps(ctx context.Context, position string) (bool, error)
	// Follow returns up to limit entries after the position, waiting up to wait for the first, and
	// the position after the last one returned. Nothing new is an empty answer, not an error.
	Follow(ctx context.Context, position string, limit int, wait time.Duration) ([]Snapshot, string, error)
}
