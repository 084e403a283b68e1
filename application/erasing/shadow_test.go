package erasing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
)

type settling struct {
	err  error
	done *[]string
}

func (s settling) Settle(context.Context, time.Duration) error {
	*s.done = append(*s.done, "settled")
	return s.err
}

type counting struct {
	counts []int64
	err    error
	done   *[]string
}

func (c counting) Erase(_ context.Context, viewer audience.ViewerID) (removed []erasing.Removed, err error) {
	*c.done = append(*c.done, string(viewer))
	for _, n := range c.counts {
		removed = append(removed, erasing.Removed{Store: "sql", What: "events", Count: n})
	}
	return removed, c.err
}

func TestWhatIsErasedOfShadowTrafficIsNamedApart(t *testing.T) {
	var done []string
	s := erasing.Shadow{Archivist: settling{done: &done}, Stores: []erasing.Store{
		counting{counts: []int64{0, 3}, done: &done}, counting{counts: []int64{1}, done: &done},
	}}
	removed, err := s.Erase(t.Context(), "v")
	require.NoError(t, err)
	require.Equal(t, []erasing.Removed{{Store: "shadow sql", What: "events", Count: 3}, {Store: "shadow sql", What: "events", Count: 1}}, removed)
	require.Equal(t, []string{"settled", "v", "v"}, done, "what is on its way arrives first")

	broken := errors.New("broken")
	done = nil
	_, err = erasing.Shadow{Archivist: settling{done: &done, err: broken}, Stores: s.Stores}.Erase(t.Context(), "v")
	require.ErrorIs(t, err, broken)
	require.Equal(t, []string{"settled"}, done)
	_, err = erasing.Shadow{Archivist: settling{done: &done}, Stores: []erasing.Store{counting{err: broken, done: &done}}}.Erase(t.Context(), "v")
	require.ErrorIs(t, err, broken)
}
