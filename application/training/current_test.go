package training_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/recommend"
)

// shelf is a ModelStore of which a Current needs two methods.
type shelf struct {
	recommend.ModelStore
	active uint64
	fails  map[uint64]error
	err    error
	loads  int
}

func (s *shelf) Active(context.Context) (uint64, error) { return s.active, s.err }

func (s *shelf) Load(_ context.Context, version uint64) (*recommend.Model, recommend.Training, error) {
	s.loads++
	if err := s.fails[version]; err != nil {
		return nil, recommend.Training{}, err
	}
	return recommend.NewModel(version, nil, nil, nil), recommend.Training{Version: version, Items: int(version) * 10}, nil
}

func follow(t *testing.T, c *training.Current, changes int) {
	t.Helper()
	n, err := c.Follow(t.Context())
	require.NoError(t, err)
	require.Equal(t, changes, n)
}

func TestTheModelInForceIsTakenUp(t *testing.T) {
	s := &shelf{}
	c := training.NewCurrent(s, func(uint64, error) { t.Error("nothing is unreadable") })
	follow(t, c, 0)
	require.Nil(t, c.Model())
	require.Zero(t, c.Training())
	for _, version := range []uint64{3, 4, 3, 0, 4} { // forth, back, none
		s.active = version
		follow(t, c, 1)
		follow(t, c, 0)
		require.Equal(t, version, c.Model().Version())
		require.Equal(t, version, c.Training().Version)
	}
	require.Equal(t, 4, s.loads)
	require.Equal(t, 40, c.Training().Items)
}

func TestAModelThatCannotBeReadLeavesTheOneBefore(t *testing.T) {
	s := &shelf{active: 1, fails: map[uint64]error{2: recommend.ErrModelUnreadable.Saying("a byte changed")}}
	var refused []uint64
	c := training.NewCurrent(s, func(version uint64, err error) {
		require.ErrorIs(t, err, recommend.ErrModelUnreadable)
		refused = append(refused, version)
	})
	follow(t, c, 1)
	s.active = 2
	for range 3 {
		follow(t, c, 0)
		require.EqualValues(t, 1, c.Model().Version())
	}
	require.Equal(t, []uint64{2}, refused, "it is told once, and not read again")
	require.Equal(t, 2, s.loads)
	require.EqualValues(t, 1, c.Unreadable())
	s.active = 3
	follow(t, c, 1)
	require.EqualValues(t, 3, c.Model().Version())
}

func TestAModelThatCannotBeReachedIsAskedForAgain(t *testing.T) {
	broken := errors.New("broken")
	s := &shelf{active: 1, fails: map[uint64]error{1: broken}}
	c := training.NewCurrent(s, func(uint64, error) { t.Error("it may well be readable") })
	_, err := c.Follow(t.Context())
	require.ErrorIs(t, err, broken)
	s.fails = nil
	follow(t, c, 1)
	s.err = broken
	_, err = c.Follow(t.Context())
	require.ErrorIs(t, err, broken)
	require.EqualValues(t, 1, c.Model().Version())
}

func TestReadersSeeOneModelOrTheOther(t *testing.T) {
	s := &shelf{active: 1}
	c := training.NewCurrent(s, func(uint64, error) {})
	follow(t, c, 1)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if v := c.Model().Version(); v == 0 || v > 100 {
					t.Error(v)
				}
				if how := c.Training(); how.Items != int(how.Version)*10 {
					t.Error(how)
				}
			}
		})
	}
	for version := range uint64(100) {
		s.active = version + 1
		_, err := c.Follow(t.Context())
		require.NoError(t, err)
	}
	stop()
	readers.Wait()
}

var _ recommend.Models = (*training.Current)(nil)
