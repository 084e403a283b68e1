package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/access"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestAKeyProvesItsServiceUntilItEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entropy [42]byte
		copy(entropy[:], rapid.SliceOfN(rapid.Byte(), 42, 42).Draw(t, "entropy"))
		expires := noon.Add(time.Hour)
		k, text, err := access.NewKey("backend", access.Scopes(access.FeedsRead), expires, noon, entropy)
		require.NoError(t, err)
		id, secret, ok := access.SplitKey(text)
		require.True(t, ok)
		require.Equal(t, k.ID, id)
		require.NotContains(t, string(k.Hash[:]), secret)

		c, err := k.Proven(secret, expires.Add(-1))
		require.NoError(t, err)
		require.Equal(t, access.Service("backend", access.Scopes(access.FeedsRead)), c)
		_, err = k.Proven(secret, expires)
		require.ErrorIs(t, err, access.ErrKey, "it has expired")
		at := rapid.IntRange(0, len(secret)-2).Draw(t, "at") // of the last letter not all bits count
		other := "A"
		if secret[at] == 'A' {
			other = "B"
		}
		_, err = k.Proven(secret[:at]+other+secret[at+1:], noon)
		require.ErrorIs(t, err, access.ErrKey, "one letter is wrong")
		k.Revoked = noon
		_, err = k.Proven(secret, noon)
		require.ErrorIs(t, err, access.ErrKey, "it was revoked")
	})
}

func TestAKeyThatMakesNoSenseIsNotMade(t *testing.T) {
	for _, c := range []struct {
		name    string
		scopes  access.Scopes
		expires time.Time
		want    error
	}{
		{"", access.Scopes(access.Admin), time.Time{}, access.ErrKeyName},
		{strings.Repeat("n", 65), access.Scopes(access.Admin), time.Time{}, access.ErrKeyName},
		{"a\nb", access.Scopes(access.Admin), time.Time{}, access.ErrKeyName},
		{"\xff", access.Scopes(access.Admin), time.Time{}, access.ErrKeyName},
		{"n", 0, time.Time{}, access.ErrNoScopes},
		{"n", access.Scopes(access.Admin), noon, access.ErrExpiry},
		{strings.Repeat("ü", 64), access.Scopes(access.Admin), noon.Add(1), nil},
	} {
		_, _, err := access.NewKey(c.name, c.scopes, c.expires, noon, [42]byte{})
		require.ErrorIs(t, err, c.want, c.name)
	}
}

func FuzzSplitKey(f *testing.F) {
	_, text, err := access.NewKey("n", access.Scopes(access.Admin), time.Time{}, noon, [42]byte{1})
	require.NoError(f, err)
	f.Add(text)
	f.Add("fk__")
	f.Fuzz(func(t *testing.T, text string) {
		if id, secret, ok := access.SplitKey(text); ok {
			require.Equal(t, text, "fk_"+id+"_"+secret)
		}
	})
}
