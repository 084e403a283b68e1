package tokens

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
)

// Remembered is the admitting.Tokens that asks an Introspection and remembers for a while what it was told: also that a token is
// not valid, so that nobody can have the issuer asked again and again. Tokens are held as hashes.
type Remembered struct {
	of    *Introspection
	known *otter.Cache[[sha256.Size]byte, known]
	life  time.Duration
	wrong time.Duration
	clock func() time.Time
}

type known struct {
	caller access.Caller
	err    error
	until  time.Time
}

// NewRemembered remembers as many tokens at most, a valid one for life, or as long as it is valid, and one that is not for wrong.
func NewRemembered(of *Introspection, tokens int, life, wrong time.Duration, clock func() time.Time) *Remembered {
	return &Remembered{of, otter.Must(&otter.Options[[sha256.Size]byte, known]{MaximumSize: tokens}), life, wrong, clock}
}

// Bearer implements admitting.Tokens. Of those who bring one token at once, one asks.
func (r *Remembered) Bearer(ctx context.Context, token string) (access.Caller, error) {
	key := sha256.Sum256([]byte(token))
	if k, ok := r.known.GetIfPresent(key); ok {
		if r.clock().Before(k.until) {
			return k.caller, k.err
		}
		r.known.Invalidate(key)
	}
	k, err := r.known.Get(ctx, key, otter.LoaderFunc[[sha256.Size]byte, known](func(ctx context.Context, _ [sha256.Size]byte) (known, error) {
		caller, until, err := r.of.ask(context.WithoutCancel(ctx), token) // others may wait for it, too
		now := r.clock()
		switch {
		case err == nil:
			k := known{caller: caller, until: now.Add(r.life)}
			if !until.IsZero() && until.Before(k.until) {
				k.until = until
			}
			return k, nil
		case errors.Is(err, admitting.ErrToken):
			return known{err: err, until: now.Add(r.wrong)}, nil
		}
		return known{}, err
	}))
	if err != nil {
		return access.Caller{}, err
	}
	return k.caller, k.err
}
