package notifying_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/audience"
)

// doings writes down in which order things were done, and fails at them.
type doings struct {
	done       []string
	warm, told error
	filled     bool
}

func (d *doings) Warm(_ context.Context, id audience.ViewerID) (bool, error) {
	d.done = append(d.done, "warm "+string(id))
	return d.filled, d.warm
}

func (d *doings) Tell(_ context.Context, t notifying.Task) error {
	d.done = append(d.done, "tell "+t.ID)
	return d.told
}

var errBroken = errors.New("broken")

func TestAViewersNextPageIsPreparedBeforeAnybodyIsTold(t *testing.T) {
	d := &doings{filled: true}
	both := notifying.NewDeliver(d, d)
	require.NoError(t, both.Run(t.Context(), notifying.Task{Subject: ann}))
	require.Equal(t, []string{"warm ann", "tell ann"}, d.done)
	require.NoError(t, both.Run(t.Context(), notifying.Task{Subject: ben}))
	require.Equal(t, []string{"warm ann", "tell ann", "tell ben"}, d.done, "authors have no pages")
	filled, failed := both.Warmed()
	require.Equal(t, [2]int64{1, 0}, [2]int64{filled, failed})
}

func TestWhatFailsATask(t *testing.T) {
	for _, c := range []struct {
		name       string
		hook, warm bool
		told, cold error
		want       error
	}{
		{"a receiver that was not told", true, true, errBroken, nil, errBroken},
		{"not a page that could not be prepared, where somebody is told", true, true, nil, errBroken, nil},
		{"a page that could not be prepared, where that is all there is to do", false, true, nil, errBroken, errBroken},
		{"nothing where there is nothing to do", false, false, errBroken, errBroken, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &doings{warm: c.cold, told: c.told}
			var hook notifying.Hook
			var warmer notifying.Warmer
			if c.hook {
				hook = d
			}
			if c.warm {
				warmer = d
			}
			require.ErrorIs(t, notifying.NewDeliver(hook, warmer).Run(t.Context(), notifying.Task{Subject: ann}), c.want)
		})
	}
}
