package learning_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// known is all that a school knows, as bytes.
func (s *school) known(t require.TestingT) []byte {
	var d drawer
	_, err := s.notebook(&d, &shelfLog{}, nil).Save(ctx)
	require.NoError(t, err)
	return d.held
}

// starts is a process that starts: it goes on from what is kept, and learns the rest of the log.
func starts(t require.TestingT, items int, o learning.StudentOptions, d learning.Snapshots, b recommend.BlendStore, log engagement.EventLog) (*school, *learning.Notebook, *learning.Blends) {
	s := newSchool(t, items, o)
	notebook := s.notebook(d, log, func(err error) { require.NoError(t, err) })
	blends := learning.NewBlends(s.student, b, log, func(_ string, err error) { require.NoError(t, err) })
	require.NoError(t, notebook.Restore(ctx))
	require.NoError(t, blends.Restore(ctx))
	_, err := learning.NewLearner(log, s.student).CatchUp(ctx)
	require.NoError(t, err)
	return s, notebook, blends
}

func TestWhoeverRestartsKnowsWhatWhoeverNeverStoppedKnows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const items = 20
		o, whole := narrow(t), stream(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 250).Draw(t, "events"), 10, items)
		never := newSchool(t, items, o)
		never.student.Learn(whole)

		var (
			d   drawer
			b   heldBlends
			log shelfLog
		)
		stops := rapid.SliceOfN(rapid.IntRange(0, len(whole)), 1, 5).Draw(t, "stops")
		slices.Sort(stops)
		now, notebook, blends := starts(t, items, o, &d, &b, &log)
		for _, stop := range stops { // each time the process dies after it kept something, or nothing, on its way
			from := len(log.events)
			log.events = whole[:stop]
			for i := from; i < stop; i++ {
				now.student.Learn(whole[i : i+1])
				if rapid.IntRange(0, 9).Draw(t, "snapshot") == 0 {
					_, err := notebook.Save(ctx)
					require.NoError(t, err)
				}
				if rapid.IntRange(0, 9).Draw(t, "blend") == 0 {
					_, err := blends.Save(ctx)
					require.NoError(t, err)
				}
			}
			now, notebook, blends = starts(t, items, o, &d, &b, &log)
			require.EqualValues(t, stop, now.student.Model())
		}
		log.events = whole
		now, _, _ = starts(t, items, o, &d, &b, &log)
		require.Equal(t, never.pipeline.Blend().Learned(), now.pipeline.Blend().Learned())
		require.Equal(t, never.model.Stats(), now.model.Stats())
	})
}

func TestWithoutStopsTheSnapshotsAreEqualToo(t *testing.T) {
	o, whole := learning.StudentOptions{}, stream(4, 600, 10, 20)
	never := newSchool(t, 20, o)
	never.student.Learn(whole)
	var (
		d drawer
		b heldBlends
	)
	log := &shelfLog{events: whole[:300]}
	_, notebook, blends := starts(t, 20, o, &d, &b, log)
	_, err := blends.Save(ctx)
	require.NoError(t, err)
	_, err = notebook.Save(ctx)
	require.NoError(t, err)
	require.Equal(t, learning.NotebookStats{At: dawn, UpTo: 300, Bytes: int64(len(d.held))}, notebook.Stats())
	log.events = whole
	now, _, _ := starts(t, 20, o, &d, &b, log)
	require.Equal(t, never.known(t), now.known(t))
}

func TestNothingNewIsNotWrittenAgain(t *testing.T) {
	s, log := newSchool(t, 20, learning.StudentOptions{}), &shelfLog{events: stream(1, 50, 5, 20)}
	d := &counting{}
	notebook := s.notebook(d, log, nil)
	for _, events := range []int{0, 0, 20, 20, 50} {
		s.student.Learn(log.events[:events])
		_, err := notebook.Save(ctx)
		require.NoError(t, err)
	}
	require.Equal(t, 2, d.writes)
}

type counting struct {
	drawer
	writes int
}

func (c *counting) Replace(write func(io.Writer) error) (int64, error) {
	c.writes++
	return c.drawer.Replace(write)
}

func TestASnapshotThatDoesNotFitIsIgnored(t *testing.T) {
	const items = 20
	events := stream(1, 300, 10, items)
	taught := newSchool(t, items, learning.StudentOptions{})
	taught.student.Learn(events[:200])
	whole := taught.known(t)
	other := slices.Clone(events)
	other[199].ID = "another event"
	damaged := func(at int) []byte {
		b := slices.Clone(whole)
		b[at] ^= 1
		return b
	}
	long := &shelfLog{events: events}
	for _, c := range []struct {
		name string
		held []byte
		log  engagement.EventLog
		o    learning.StudentOptions
		want error
	}{
		{"nothing is kept", nil, long, learning.StudentOptions{}, nil},
		{"it is of a longer log", whole, &shelfLog{events: events[:199]}, learning.StudentOptions{}, learning.ErrSnapshotForeign},
		{"it is of another log", whole, &shelfLog{events: other}, learning.StudentOptions{}, learning.ErrSnapshotForeign},
		{"it was made with other bounds", whole, long, learning.StudentOptions{PerHour: 7}, learning.ErrSnapshotForeign},
		{"too much happened since", whole, &grown{shelfLog{events: events}, 200 + learning.Replayed + 1}, learning.StudentOptions{}, learning.ErrSnapshotStale},
		{"it is empty", []byte{}, long, learning.StudentOptions{}, learning.ErrSnapshotDamaged},
		{"it is something else", []byte("freshet learned\x02 and so on and so on and so on"), long, learning.StudentOptions{}, learning.ErrSnapshotDamaged},
		{"its first part is damaged", damaged(60), long, learning.StudentOptions{}, learning.ErrSnapshotDamaged},
		{"its end is missing", whole[:len(whole)-1], long, learning.StudentOptions{}, nil},
		{"its last part is damaged", damaged(len(whole) - 30), long, learning.StudentOptions{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSchool(t, items, c.o)
			before := s.known(t)
			var ignored []error
			notebook := s.notebook(&drawer{c.held}, c.log, func(err error) { ignored = append(ignored, err) })
			require.NoError(t, notebook.Restore(ctx))
			require.Equal(t, before, s.known(t))
			if c.held == nil {
				require.Empty(t, ignored)
				return
			}
			require.Len(t, ignored, 1)
			if c.want != nil {
				require.ErrorIs(t, ignored[0], c.want)
			}
		})
	}
	t.Run("it fits", func(t *testing.T) {
		s := newSchool(t, items, learning.StudentOptions{})
		require.NoError(t, s.notebook(&drawer{whole}, &grown{shelfLog{events: events}, 200 + learning.Replayed}, func(err error) { t.Error(err) }).Restore(ctx))
		require.Equal(t, whole, s.known(t))
	})
	t.Run("an item of it is not in the index", func(t *testing.T) {
		s := newSchool(t, 3, learning.StudentOptions{})
		var ignored error
		require.NoError(t, s.notebook(&drawer{whole}, long, func(err error) { ignored = err }).Restore(ctx))
		require.Error(t, ignored)
		require.Zero(t, s.student.Model())
	})
}

// grown is a log that has grown since.
type grown struct {
	shelfLog
	to engagement.Offset
}

func (g *grown) Head(ctxt) (engagement.Offset, error) { return g.to, nil }

func TestErasingForgetsAndDropsTheSnapshot(t *testing.T) {
	s, log := newSchool(t, 20, learning.StudentOptions{}), &shelfLog{events: stream(1, 300, 10, 20)}
	s.student.Learn(log.events)
	var d drawer
	notebook := s.notebook(&d, log, nil)
	_, err := notebook.Save(ctx)
	require.NoError(t, err)
	before := d.held
	for n := range 10 {
		removed, err := notebook.Erase(ctx, audience.ViewerID(fmt.Sprint("v", n)))
		require.NoError(t, err)
		require.EqualValues(t, 1, removed[0].Count)
		require.Nil(t, d.held)
		require.Equal(t, 9-n, s.student.Stats().Viewers)
		require.Equal(t, 9-n, s.model.Stats().Viewers)
		require.Zero(t, notebook.Stats())
		removed, err = notebook.Erase(ctx, audience.ViewerID(fmt.Sprint("v", n)))
		require.NoError(t, err)
		require.Zero(t, removed[0].Count)
		_, err = notebook.Save(ctx)
		require.NoError(t, err)
		require.Less(t, len(d.held), len(before))
		before = d.held
	}
	_, err = notebook.Erase(ctx, "nobody")
	require.NoError(t, err)
	require.Equal(t, before, d.held)
	for n := range 10 { // and they may come again
		s.student.Learn([]engagement.Logged{did(301+n, fmt.Sprint("v", n), audience.Like, 1, dawn.Add(time.Hour))})
		require.Equal(t, n+1, s.student.Stats().Viewers)
		require.Equal(t, n+1, s.model.Stats().Viewers)
	}
}

func TestTheNotebookTellsWhenItCannotWriteOrAsk(t *testing.T) {
	s, log := newSchool(t, 20, learning.StudentOptions{}), &shelfLog{events: stream(1, 30, 5, 20)}
	s.student.Learn(log.events)
	full := errors.New("the disk is full")
	_, err := s.notebook(&broken{full}, log, nil).Save(ctx)
	require.ErrorIs(t, err, full)
	_, err = s.notebook(&broken{full}, log, nil).Erase(ctx, "v1")
	require.ErrorIs(t, err, full)
	require.Error(t, newSchool(t, 20, learning.StudentOptions{}).notebook(&drawer{s.known(t)}, &mute{log}, nil).Restore(ctx))
}

type broken struct{ err error }

func (b *broken) Replace(func(io.Writer) error) (int64, error) { return 0, b.err }
func (b *broken) Open() (io.ReadCloser, error)                 { return nil, b.err }
func (b *broken) Remove() error                                { return b.err }

// FuzzSnapshot gives the student's part any bytes; what it believes, it can work with.
func FuzzSnapshot(f *testing.F) {
	events := stream(1, 60, 6, 10)
	taught := newSchool(f, 10, learning.StudentOptions{})
	taught.student.Learn(events[:40])
	whole := taught.known(f)
	f.Add(whole)
	f.Add(whole[:100])
	f.Fuzz(func(t *testing.T, held []byte) {
		s := newSchool(t, 10, learning.StudentOptions{})
		log := &shelfLog{events: events}
		if !bytes.HasPrefix(held, whole[:48]) {
			held = append(slices.Clone(whole[:48]), held...)
		}
		require.NoError(t, s.notebook(&drawer{held}, log, nil).Restore(ctx))
		_, err := learning.NewLearner(log, s.student).CatchUp(ctx)
		require.NoError(t, err)
		_ = s.known(t)
	})
}
