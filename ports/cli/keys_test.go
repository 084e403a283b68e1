package cli_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/ports/cli"
)

// keyBoard holds keys in memory.
type keyBoard struct{ keys []access.Key }

func (b *keyBoard) Add(_ context.Context, k access.Key) error {
	b.keys = append(b.keys, k)
	return nil
}

func (b *keyBoard) All(context.Context) ([]access.Key, error) { return b.keys, nil }

func (b *keyBoard) Revoke(_ context.Context, id string, at time.Time) error {
	i := slices.IndexFunc(b.keys, func(k access.Key) bool { return k.ID == id })
	if i < 0 {
		return access.ErrNoKey
	}
	b.keys[i].Revoked = at
	return nil
}

func keyed(t *testing.T, on access.KeyRepository, args ...string) (r result) {
	t.Helper()
	var out, errs bytes.Buffer
	root := cli.Root(cli.Commands{Keys: func(ctx context.Context, _ cli.Settings, use func(context.Context, access.KeyRepository) error) error {
		return use(ctx, on)
	}})
	root.SetArgs(append([]string{"keys"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(t.Context(), root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestAKeyIsMadePrintedOnceAndEnded(t *testing.T) {
	b := &keyBoard{}
	require.Equal(t, result{out: "no keys\n"}, keyed(t, b, "list"))
	made := keyed(t, b, "add", "--name", "backend", "--scopes", "items:write,feeds:read", "--expires-in", "1h")
	require.Zero(t, made.code, made.err)
	id, secret, ok := access.SplitKey(strings.TrimSpace(made.out))
	require.True(t, ok, made.out)
	c, err := b.keys[0].Proven(secret, time.Now())
	require.NoError(t, err)
	require.Equal(t, access.Service("backend", access.Scopes(access.ItemsWrite|access.FeedsRead)), c)
	require.WithinDuration(t, time.Now().Add(time.Hour), b.keys[0].Expires, time.Minute)

	list := keyed(t, b, "list")
	require.Contains(t, list.out, id+"  backend  items:write feeds:read  ")
	require.NotContains(t, list.out, secret)
	require.Equal(t, result{out: "revoked\n"}, keyed(t, b, "revoke", id))
	require.False(t, b.keys[0].Revoked.IsZero())
	require.Equal(t, result{code: cli.Failed, err: "freshet: none: key_not_found: there is no such key\n"}, keyed(t, b, "revoke", "none"))
}

func TestWrongWordsForKeysAreTwo(t *testing.T) {
	for _, args := range [][]string{
		{"add", "--name", "n", "--scopes", "everything"}, {"add", "--scopes", "admin"}, {"add", "--name", "n"}, {"add", "--name", "n", "--scopes", "admin", "--expires-in", "-1h"},
		{"add", "--name", "n", "--scopes", "admin", "--expires-in", "0s"}, {"revoke"}, {"revoke", "a", "b"}, {"list", "x"}, {"make"},
	} {
		b := &keyBoard{}
		require.Equal(t, cli.Misused, keyed(t, b, args...).code, args)
		require.Empty(t, b.keys)
	}
}
