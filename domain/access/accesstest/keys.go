package accesstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/access"
)

var made = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// Keys runs the contract of access.KeyRepository on two handles of one empty repository, such as two instances have.
func Keys(t *testing.T, open func(t *testing.T) (a, b access.KeyRepository)) {
	for name, clause := range map[string]func(t *testing.T, a, b access.KeyRepository){
		"what one adds another lists": func(t *testing.T, a, b access.KeyRepository) {
			first, second := key(t, 1, made.Add(time.Hour)), key(t, 2, time.Time{})
			second.Made = made.Add(time.Millisecond)
			require.NoError(t, a.Add(t.Context(), second))
			require.NoError(t, b.Add(t.Context(), first))
			all, err := b.All(t.Context())
			require.NoError(t, err)
			require.Equal(t, []access.Key{first, second}, all, "the oldest first")
		},
		"there are none at first": func(t *testing.T, a, _ access.KeyRepository) {
			all, err := a.All(t.Context())
			require.NoError(t, err)
			require.Empty(t, all)
		},
		"an id is used once": func(t *testing.T, a, b access.KeyRepository) {
			k := key(t, 1, time.Time{})
			require.NoError(t, a.Add(t.Context(), k))
			require.NoError(t, b.Add(t.Context(), k), "the same again changes nothing")
			other := k
			other.Hash[0]++
			require.ErrorIs(t, b.Add(t.Context(), other), access.ErrKeyTaken)
			all, err := a.All(t.Context())
			require.NoError(t, err)
			require.Equal(t, []access.Key{k}, all)
		},
		"a revoked key says since when": func(t *testing.T, a, b access.KeyRepository) {
			k := key(t, 1, time.Time{})
			require.NoError(t, a.Add(t.Context(), k))
			at := made.Add(time.Minute)
			require.NoError(t, b.Revoke(t.Context(), k.ID, at))
			require.NoError(t, a.Revoke(t.Context(), k.ID, at.Add(time.Hour)), "again")
			all, err := a.All(t.Context())
			require.NoError(t, err)
			require.Equal(t, at, all[0].Revoked)
		},
		"what there is not cannot be revoked": func(t *testing.T, a, _ access.KeyRepository) {
			require.ErrorIs(t, a.Revoke(t.Context(), "none", made), access.ErrNoKey)
		},
		"many are added at once": func(t *testing.T, a, b access.KeyRepository) {
			var all sync.WaitGroup
			for i := range 16 {
				all.Go(func() {
					if err := []access.KeyRepository{a, b}[i%2].Add(t.Context(), key(t, byte(i), time.Time{})); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			list, err := a.All(t.Context())
			require.NoError(t, err)
			require.Len(t, list, 16)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := open(t)
			clause(t, a, b)
		})
	}
}

func key(t *testing.T, n byte, expires time.Time) access.Key {
	k, _, err := access.NewKey(fmt.Sprintf("service %d ü", n), access.Scopes(access.FeedsRead|access.ItemsWrite), expires, made, [42]byte{n})
	require.NoError(t, err)
	return k
}
