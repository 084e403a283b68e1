package copying_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
)

var (
	ctx       = context.Background()
	errBroken = errors.New("broken")
	noon      = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// tape is a Source of which each record holds one event.
type tape struct {
	events []engagement.Logged
	heard  []copying.Mark
}

func (s *tape) Stretch(_ context.Context, from copying.Mark, limit int) ([]engagement.Logged, copying.Mark, error) {
	n := min(int(from.Record)+limit, len(s.events))
	return s.events[from.Record:n], markAt(n), nil
}

func (s *tape) End(context.Context) (copying.Mark, error) { return markAt(len(s.events)), nil }

func (s *tape) Copied(_ context.Context, upTo copying.Mark) error {
	s.heard = append(s.heard, upTo)
	return nil
}

func markAt(n int) copying.Mark { return copying.Mark{Record: int64(n), Offset: engagement.Offset(n)} }

// shelf is Records in memory.
type shelf struct {
	stored []engagement.Logged
	before func() error // Store
	after  func() error
}

func (s *shelf) Mark(context.Context) (copying.Mark, error) { return markAt(len(s.stored)), nil }

func (s *shelf) Store(_ context.Context, from copying.Mark, events []engagement.Logged, _ copying.Mark) error {
	if s.before != nil {
		if err := s.before(); err != nil {
			return err
		}
	}
	if from != markAt(len(s.stored)) {
		return copying.ErrOvertaken
	}
	s.stored = append(s.stored, events...)
	if s.after != nil {
		return s.after()
	}
	return nil
}

// turns is a Turn that somebody has, or nobody.
type turns struct {
	owner string
	taken int
}

func (t *turns) Take(_ context.Context, owner string, _ time.Duration) (bool, error) {
	t.taken++
	if t.owner == "" {
		t.owner = owner
	}
	return t.owner == owner, nil
}

func (t *turns) Give(_ context.Context, owner string) error {
	if t.owner == owner {
		t.owner = ""
	}
	return nil
}

func events(n int) (out []engagement.Logged) {
	for i := range n {
		out = append(out, engagement.Logged{Offset: engagement.Offset(i + 1)})
	}
	return out
}

func copies(t *testing.T, c *copying.Copier, want int) {
	t.Helper()
	n, err := c.Copy(ctx)
	require.NoError(t, err)
	require.Equal(t, want, n)
}

func TestAllIsCopiedInOrderAndTheSourceHearsHowFar(t *testing.T) {
	from, to, now := &tape{events: events(4500)}, &shelf{}, noon
	c := copying.NewCopier(from, to, &turns{}, "a", func() time.Time { return now })
	copies(t, c, 4500)
	require.Equal(t, from.events, to.stored)
	require.Equal(t, []copying.Mark{markAt(0), markAt(2000), markAt(4000), markAt(4500)}, from.heard)
	copies(t, c, 0)
	require.Equal(t, copying.Stats{At: 4500, Copied: 4500}, c.Stats())
}

func TestWhoseTurnItIsNotCopiesNothingAndTellsTheSource(t *testing.T) {
	from, to, turn := &tape{events: events(3)}, &shelf{stored: events(2)}, &turns{owner: "another"}
	c := copying.NewCopier(from, to, turn, "a", time.Now)
	copies(t, c, 0)
	require.Len(t, to.stored, 2)
	require.Equal(t, []copying.Mark{markAt(2)}, from.heard)
	require.NoError(t, turn.Give(ctx, "another"))
	copies(t, c, 1)
	require.NoError(t, c.Yield(ctx))
	require.Empty(t, turn.owner)
}

func TestATurnIsTakenAgainBeforeItEnds(t *testing.T) {
	from, turn, now := &tape{}, &turns{}, noon
	c := copying.NewCopier(from, &shelf{}, turn, "a", func() time.Time { return now })
	copies(t, c, 0)
	now = now.Add(2500*time.Millisecond - 1)
	copies(t, c, 0)
	require.Equal(t, 1, turn.taken)
	now = now.Add(1)
	copies(t, c, 0)
	require.Equal(t, 2, turn.taken)
}

func TestWhoIsOvertakenLooksAgain(t *testing.T) {
	from, to, turn := &tape{events: events(5)}, &shelf{}, &turns{}
	to.before = func() error { to.stored, to.before = events(3), nil; return nil }
	c := copying.NewCopier(from, to, turn, "a", time.Now)
	copies(t, c, 0)
	copies(t, c, 2)
	require.Equal(t, from.events, to.stored)
	require.Equal(t, 2, turn.taken, "it may not be its turn any more")
}

func TestACommitWhoseAnswerWasLostIsNotRepeated(t *testing.T) {
	from, to := &tape{events: events(5)}, &shelf{}
	to.after = func() error { to.after = nil; return errBroken }
	c := copying.NewCopier(from, to, &turns{}, "a", time.Now)
	_, err := c.Copy(ctx)
	require.ErrorIs(t, err, errBroken)
	copies(t, c, 0)
	require.Equal(t, from.events, to.stored)
}

func TestSettlingWaitsForWhatWasTakenInBefore(t *testing.T) {
	from, to := &tape{events: events(5)}, &shelf{}
	c := copying.NewCopier(from, to, &turns{}, "a", time.Now)
	require.ErrorIs(t, c.Settle(ctx, 50*time.Millisecond), copying.ErrBehind)
	copies(t, c, 5)
	require.NoError(t, c.Settle(ctx, time.Second))
	require.Equal(t, markAt(5), from.heard[len(from.heard)-1])
}
