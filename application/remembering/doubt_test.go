package remembering_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/test/world"
)

func TestThoseInDoubtAreMendedPartByPart(t *testing.T) {
	w := world.New(t)
	f := newFaulty(w)
	const viewers = 501 // more than one part
	for i := range viewers {
		require.NoError(t, f.Decisions.Relate(ctx, audience.ViewerID(fmt.Sprintf("v%03d", i)), audience.Follows, "anna"))
	}
	_, err := f.Known.Fill(ctx, "v007")
	require.NoError(t, err)
	require.Zero(t, copied(t, w, "v007"))
	last, err := f.Known.Doubt(ctx, time.Now().Add(time.Hour), "")
	require.NoError(t, err)
	require.Empty(t, last, "of nobody anything was recorded since")
	last, err = f.Known.Doubt(ctx, time.Unix(0, 0), "")
	require.NoError(t, err)
	require.Equal(t, audience.ViewerID("v499"), last)
	last, err = f.Known.Doubt(ctx, time.Unix(0, 0), last)
	require.NoError(t, err)
	require.Equal(t, audience.ViewerID("v500"), last)
	last, err = f.Known.Doubt(ctx, time.Unix(0, 0), last)
	require.NoError(t, err)
	require.Empty(t, last)
	n, err := f.Known.Repair(ctx)
	require.NoError(t, err)
	require.Equal(t, viewers, n)
	require.Equal(t, -1, copied(t, w, "v007"))
}
