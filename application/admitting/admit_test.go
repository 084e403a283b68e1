package admitting_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/fault"
)

var (
	noon    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	reads   = access.Scopes(access.FeedsRead)
	errAway = fault.New(fault.Unavailable, "away", "the store is away")
)

// drawer is a repository of keys that can be out of reach.
type drawer struct {
	access.KeyRepository
	keys []access.Key
	err  error
}

func (d *drawer) All(context.Context) ([]access.Key, error) { return d.keys, d.err }

// register knows some tokens.
type register map[string]access.Caller

func (r register) Bearer(_ context.Context, token string) (access.Caller, error) {
	if c, ok := r[token]; ok {
		return c, nil
	}
	return access.Caller{}, admitting.ErrToken
}

func TestWhoCallsIsToldByWhatTheyBring(t *testing.T) {
	k, text, err := access.NewKey("backend", reads, time.Time{}, noon, [42]byte{7})
	require.NoError(t, err)
	_, other, err := access.NewKey("backend", reads, time.Time{}, noon, [42]byte{8})
	require.NoError(t, err)
	ring := admitting.NewKeyring(&drawer{keys: []access.Key{k}}, func() time.Time { return noon })
	_, err = ring.Refresh(t.Context())
	require.NoError(t, err)
	signed, opaque := access.Bearer("signed", 0), access.Bearer("opaque", 0)
	o := admitting.Options{
		Prefix: "anon-",
		Signed: register{"a.b.c": signed}, Opaque: register{"token": opaque, "a.b.c": opaque},
	}
	for _, c := range []struct {
		name   string
		change func(*admitting.Options)
		brings admitting.Credentials
		want   access.Caller
		err    error
	}{
		{"nothing", nil, admitting.Credentials{}, access.Stranger("anon-"), nil},
		{"a key", nil, admitting.Credentials{Token: text}, access.Service("backend", reads), nil},
		{"a key that there is not", nil, admitting.Credentials{Token: other}, access.Caller{}, access.ErrKey},
		{"a signed token", nil, admitting.Credentials{Token: "a.b.c"}, signed, nil},
		{"another signed token", nil, admitting.Credentials{Token: "a.b.d"}, access.Caller{}, admitting.ErrToken},
		{"an opaque token", nil, admitting.Credentials{Token: "token"}, opaque, nil},
		{"a token of three parts where none is signed", func(o *admitting.Options) { o.Signed = nil }, admitting.Credentials{Token: "a.b.c"}, opaque, nil},
		{"a token where there are none", func(o *admitting.Options) { o.Signed, o.Opaque = nil, nil }, admitting.Credentials{Token: "token"}, access.Caller{}, admitting.ErrToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := o
			if c.change != nil {
				c.change(&o)
			}
			got, err := admitting.NewAdmit(o, ring).Caller(t.Context(), c.brings)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestKeysStayKnownWhileTheStoreIsAway(t *testing.T) {
	k, text, err := access.NewKey("backend", reads, noon.Add(time.Hour), noon, [42]byte{7})
	require.NoError(t, err)
	d, now := &drawer{err: errAway}, noon
	ring := admitting.NewKeyring(d, func() time.Time { return now })
	admit := admitting.NewAdmit(admitting.Options{}, ring)
	called := func() error {
		_, err := admit.Caller(t.Context(), admitting.Credentials{Token: text})
		return err
	}
	_, err = ring.Refresh(t.Context())
	require.ErrorIs(t, err, errAway)
	require.ErrorIs(t, called(), admitting.ErrKeysUnread, "whether it is right cannot be told")

	d.keys, d.err = []access.Key{k}, nil
	n, err := ring.Refresh(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, called())
	d.err = errors.New("away again")
	_, err = ring.Refresh(t.Context())
	require.Error(t, err)
	require.NoError(t, called())
	now = noon.Add(time.Hour)
	require.ErrorIs(t, called(), access.ErrKey, "it ends nonetheless")
	now = noon
	d.keys[0].Revoked, d.err = noon, nil
	require.NoError(t, called())
	_, err = ring.Refresh(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, called(), access.ErrKey)
}
