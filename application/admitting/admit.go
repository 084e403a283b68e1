package admitting

import (
	"context"
	"strings"

	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/fault"
)

// ErrToken refuses a token that names nobody, or nobody any more.
var ErrToken = fault.New(fault.Unproven, "bad_token", "the token is not valid, or not any more")

// Tokens tells whom a bearer token names. Implementations are safe for concurrent use.
type Tokens interface {
	// Bearer fails with ErrToken, or with kind Unavailable where that cannot be told now.
	Bearer(ctx context.Context, token string) (access.Caller, error)
}

// Credentials are what a call brought along.
type Credentials struct {
	Token string // a key, or a token; empty: none
}

// Options say who is known, and how.
type Options struct {
	Prefix string // of viewers that strangers may be; empty: none
	Signed Tokens // that say by themselves whom they name, such as JWT; nil: none
	Opaque Tokens // that somebody else is to be asked about; nil: none
}

// Admit finds out who calls.
type Admit struct {
	o    Options
	keys *Keyring
}

// NewAdmit takes keys from the ring.
func NewAdmit(o Options, keys *Keyring) *Admit { return &Admit{o, keys} }

// Caller is who brought the credentials; without any, a stranger. It fails with access.ErrKey or ErrToken where they are wrong, and
// with kind Unavailable where that cannot be told now: whoever sends a token is never taken for somebody without one.
func (a *Admit) Caller(ctx context.Context, c Credentials) (access.Caller, error) {
	if c.Token == "" {
		return access.Stranger(a.o.Prefix), nil
	}
	return a.bearer(ctx, c.Token)
}

func (a *Admit) bearer(ctx context.Context, token string) (access.Caller, error) {
	if id, secret, ok := access.SplitKey(token); ok {
		return a.keys.caller(id, secret)
	}
	tokens := a.o.Opaque
	if a.o.Signed != nil && strings.Count(token, ".") == 2 {
		tokens = a.o.Signed
	}
	if tokens == nil {
		return access.Caller{}, ErrToken
	}
	return tokens.Bearer(ctx, token)
}
