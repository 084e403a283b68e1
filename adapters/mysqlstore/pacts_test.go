package mysqlstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
)

func TestAPactIsReplacedOnlyByWhoKnowsIt(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		one, other := open(t)
		a, b := mysqlstore.NewPacts(one), mysqlstore.NewPacts(other)
		first, err := a.Current(t.Context())
		require.NoError(t, err)
		require.Equal(t, mysqlstore.Pact{Epoch: 1}, first, "closed")
		opened := mysqlstore.Pact{Epoch: 2, Open: true, Store: "a,b"}
		now, err := b.Replace(t.Context(), first, opened)
		require.NoError(t, err)
		require.Equal(t, opened, now)
		now, err = a.Replace(t.Context(), first, mysqlstore.Pact{Epoch: 2})
		require.NoError(t, err)
		require.Equal(t, opened, now, "another was in force")
		now, err = a.Replace(t.Context(), opened, mysqlstore.Pact{Epoch: 3})
		require.NoError(t, err)
		require.Equal(t, mysqlstore.Pact{Epoch: 3}, now)
		now, err = b.Current(t.Context())
		require.NoError(t, err)
		require.Equal(t, mysqlstore.Pact{Epoch: 3}, now)
	})
}
