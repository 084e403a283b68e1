package admitting

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/fault"
)

// ErrKeysUnread says that no key can be told right from wrong yet.
var ErrKeysUnread = fault.New(fault.Unavailable, "keys_unread", "the keys of services were not read yet")

// Keyring holds all keys of services in this process: a key is checked without asking anybody, also while the store is away.
// A key that was made or revoked counts with the next Refresh.
type Keyring struct {
	from  access.KeyRepository
	clock func() time.Time
	held  atomic.Pointer[map[string]access.Key]
}

// NewKeyring holds nothing before the first Refresh.
func NewKeyring(from access.KeyRepository, clock func() time.Time) *Keyring {
	return &Keyring{from: from, clock: clock}
}

// Refresh reads the keys anew and returns how many there are; when it fails, those read before stay.
func (r *Keyring) Refresh(ctx context.Context) (int, error) {
	all, err := r.from.All(ctx)
	if err != nil {
		return 0, err
	}
	held := make(map[string]access.Key, len(all))
	for _, k := range all {
		held[k.ID] = k
	}
	r.held.Store(&held)
	return len(held), nil
}

func (r *Keyring) caller(id, secret string) (access.Caller, error) {
	held := r.held.Load()
	if held == nil {
		return access.Caller{}, ErrKeysUnread
	}
	k, ok := (*held)[id]
	if !ok {
		return access.Caller{}, access.ErrKey
	}
	return k.Proven(secret, r.clock())
}
