package remembering_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/test/world"
)

func TestAViewerIsBroughtIntoTheFastCopyWhereThatHelps(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	f.Stock(10)
	f.Record(f.Did("v", audience.Like, world.ItemID(1)))
	require.Equal(t, -1, copied(t, w, "v"))
	filled, err := f.Known.Warm(ctx, "v")
	require.NoError(t, err)
	require.True(t, filled)
	require.Equal(t, 1, copied(t, w, "v"))
	filled, err = f.Known.Warm(ctx, "v")
	require.NoError(t, err)
	require.False(t, filled, "it is there")

	f.fast.Set(world.Fails)
	f.Record(f.Did("v", audience.Like, world.ItemID(2)))
	require.False(t, f.Known.Trusted("v"))
	_, err = f.Known.Warm(ctx, "v")
	require.Error(t, err)
	require.False(t, f.Known.Trusted("v"))
	f.fast.Set(world.Works)
	require.Equal(t, 1, copied(t, w, "v"), "it missed something")
	filled, err = f.Known.Warm(ctx, "v")
	require.NoError(t, err)
	require.True(t, filled)
	require.True(t, f.Known.Trusted("v"))
	require.Equal(t, 2, copied(t, w, "v"))
}
