package erasing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/world"
)

// board is erasing.Notices in memory; those before kept are gone.
type board struct {
	all     []audience.ViewerID
	kept    uint64
	err     error
	expired int
}

func (b *board) Head(context.Context) (uint64, error) { return uint64(len(b.all)), b.err }

func (b *board) Since(_ context.Context, after uint64, limit int) ([]audience.ViewerID, error) {
	if after < b.kept || after > uint64(len(b.all)) {
		return nil, erasing.ErrNoticesGone
	}
	rest := b.all[after:]
	return rest[:min(limit, len(rest))], b.err
}

func (b *board) Expire(_ context.Context, age time.Duration) error {
	if age == 24*time.Hour {
		b.expired++
	}
	return b.err
}

// memory is an erasing.Store that writes down whom it forgets.
type memory struct {
	forgot []audience.ViewerID
	err    error
}

func (m *memory) Erase(_ context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	if m.err == nil {
		m.forgot = append(m.forgot, viewer)
	}
	return nil, m.err
}

func TestEveryNoticeIsHeardOnceInOrder(t *testing.T) {
	b, m := &board{}, &memory{}
	now := time.Now()
	heard := erasing.NewHeard(b)
	f := erasing.NewForgetting(heard, []erasing.Store{m}, func() time.Time { return now })
	follow := func(want int) {
		t.Helper()
		n, err := f.Follow(ctx)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	follow(0)
	var want []audience.ViewerID
	for n := range 250 {
		want = append(want, audience.ViewerID(fmt.Sprint("v", n)))
	}
	b.all = want[:1]
	follow(1)
	b.all = want
	follow(249)
	follow(0)
	require.Equal(t, want, m.forgot)
	require.EqualValues(t, 250, heard.At())

	b.all = append(b.all, "x")
	m.err = errors.New("the disk is full")
	_, err := f.Follow(ctx)
	require.ErrorIs(t, err, m.err)
	require.EqualValues(t, 250, heard.At(), "it is heard again")
	m.err = nil
	follow(1)
	b.err = world.ErrBroken
	_, err = f.Follow(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	b.err = nil

	require.Zero(t, b.expired)
	now = now.Add(time.Hour)
	follow(0)
	follow(0)
	require.Equal(t, 1, b.expired)

	b.all, b.kept = append(b.all, "y", "z"), 252
	_, err = f.Follow(ctx)
	require.ErrorIs(t, err, erasing.ErrNoticesGone)
	follow(0)
	b.all = append(b.all, "last")
	follow(1)
}

func TestEveryInstanceForgetsWhoIsErased(t *testing.T) {
	w := world.New(t)
	one, two := w.Process(), w.Process()
	one.Stock(50)
	_, err := two.Keeper.Build(ctx)
	require.NoError(t, err)
	const gone, stays = audience.ViewerID("goes"), audience.ViewerID("stays")
	for n := range 5 {
		for _, viewer := range []audience.ViewerID{gone, stays} {
			one.Record(one.Did(viewer, audience.Like, world.ItemID(n+1)))
		}
	}
	one.Record(one.Did(gone, audience.Like, "comes later"), one.Did(stays, audience.Like, "comes later"))
	learns := func(p *world.Process) {
		t.Helper()
		_, err := p.Learner.CatchUp(ctx)
		require.NoError(t, err)
		_, err = p.Notebook.Save(ctx)
		require.NoError(t, err)
	}
	viewers := func(p *world.Process) []int {
		return []int{p.Student.Stats().Viewers, p.Signals.Stats().Viewers, p.Room.Stats().Waiting}
	}
	learns(one)
	learns(two)
	require.Equal(t, []int{2, 2, 2}, viewers(two))
	require.NotZero(t, two.Notebook.Stats())

	_, err = one.Viewers.Erase(ctx, gone)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 1}, viewers(one))
	require.Equal(t, []int{2, 2, 2}, viewers(two))
	require.Empty(t, w.Traces(string(gone)), "notices hold no id that can be read")
	for _, p := range []*world.Process{one, two} {
		_, err := p.Learner.CatchUp(ctx)
		require.NoError(t, err)
		n, err := p.Forgetting.Follow(ctx)
		require.NoError(t, err)
		require.Positive(t, n)
		require.Equal(t, []int{1, 1, 1}, viewers(p))
		require.Zero(t, p.Notebook.Stats(), "the snapshot that held them is gone too")
		n, err = p.Forgetting.Follow(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	three := w.Process() // one that comes after
	_, err = three.Keeper.Build(ctx)
	require.NoError(t, err)
	require.NoError(t, three.Notebook.Restore(ctx))
	learns(three)
	require.Equal(t, []int{1, 1, 1}, viewers(three))
	n, err := three.Forgetting.Follow(ctx)
	require.NoError(t, err)
	require.Zero(t, n, "what was posted before it began does not concern it")
}

// interrupted is a log whose readers are held up before they can go on.
type interrupted struct {
	engagement.EventLog
	by func()
}

func (l *interrupted) Read(ctx context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	events, err := l.EventLog.Read(ctx, after, limit)
	if len(events) > 0 {
		l.by()
	}
	return events, err
}

func TestWhatWasReadBeforeAnErasureIsForgottenTooOnTheErasingInstanceAndOthers(t *testing.T) {
	for name, which := range map[string]int{"the one that erases": 0, "another": 1} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			log := &interrupted{by: func() {}}
			slow := func(p *world.Parts) { log.EventLog, p.Log = p.Log, log }
			all := []*world.Process{w.Process(slow), w.Process(slow)}
			all[0].Stock(10)
			_, err := all[1].Keeper.Build(ctx)
			require.NoError(t, err)
			all[0].Record(all[0].Did("goes", audience.Like, world.ItemID(1)))
			log.by = func() {
				_, err := all[0].Viewers.Erase(ctx, "goes")
				require.NoError(t, err)
			}
			p := all[which]
			n, err := p.Learner.CatchUp(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.Equal(t, 1, p.Student.Stats().Viewers)
			_, err = p.Forgetting.Follow(ctx)
			require.NoError(t, err)
			require.Zero(t, p.Student.Stats().Viewers)
			require.Zero(t, p.Signals.Stats().Viewers)

			log.by = func() {}
			all[0].Record(all[0].Did("goes", audience.Like, world.ItemID(1))) // and they may come again
			_, err = p.Learner.CatchUp(ctx)
			require.NoError(t, err)
			_, err = p.Forgetting.Follow(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, p.Student.Stats().Viewers)
		})
	}
}
