package datadir_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/datadir"
)

func TestOneProcessAtATime(t *testing.T) {
	path := t.TempDir() + "/made"
	first, err := datadir.Open(path)
	require.NoError(t, err)
	_, err = datadir.Open(path)
	require.ErrorIs(t, err, datadir.ErrInUse)
	require.NoError(t, first.Close())
	again, err := datadir.Open(path)
	require.NoError(t, err)
	require.NoError(t, again.Close())
}
