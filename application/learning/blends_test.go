package learning_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

type ctxt = context.Context

// mute is a log that does not answer.
type mute struct{ engagement.EventLog }

func (m *mute) Head(ctxt) (engagement.Offset, error) { return 0, world.ErrBroken }

func TestWeightsAreKeptOnceTheyAreNew(t *testing.T) {
	s, log, b := newSchool(t, 20, learning.StudentOptions{}), &shelfLog{events: stream(1, 200, 10, 20)}, &heldBlends{}
	blends := learning.NewBlends(s.student, b, log, nil)
	save := func() recommend.KeptBlend {
		_, err := blends.Save(ctx)
		require.NoError(t, err)
		for _, kept := range b.held {
			return kept
		}
		return recommend.KeptBlend{}
	}
	require.Zero(t, save(), "nothing was learned yet")
	s.student.Learn(log.events)
	kept := save()
	require.EqualValues(t, 200, kept.UpTo)
	require.Equal(t, s.pipeline.Blend().Learned(), kept.Learned)
	require.Equal(t, s.student.Stats().Choices, kept.Choices)
	clear(b.held)
	require.Zero(t, save(), "it was kept before")
	b.err = world.ErrBroken
	s.student.Learn([]engagement.Logged{did(201, "v1", audience.Like, 1, dawn.Add(time.Hour))})
	_, err := blends.Save(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	b.err = nil
	require.EqualValues(t, 201, save().UpTo)
}

func TestAFeedGoesOnFromItsWeightsAndStudiesNoEventTwice(t *testing.T) {
	events := stream(1, 300, 10, 20)
	first := newSchool(t, 20, learning.StudentOptions{})
	first.student.Learn(events[:200])
	b := &heldBlends{}
	_, err := learning.NewBlends(first.student, b, &shelfLog{}, nil).Save(ctx)
	require.NoError(t, err)

	second := newSchool(t, 20, learning.StudentOptions{})
	require.NoError(t, learning.NewBlends(second.student, b, &shelfLog{events: events}, nil).Restore(ctx))
	require.Equal(t, first.pipeline.Blend().Learned(), second.pipeline.Blend().Learned())
	second.student.Learn(events[:200])
	require.Equal(t, first.pipeline.Blend().Learned(), second.pipeline.Blend().Learned())
	require.Zero(t, second.student.Stats().Studied)
	first.student.Learn(events[200:])
	second.student.Learn(events[200:])
	require.Equal(t, first.pipeline.Blend().Learned(), second.pipeline.Blend().Learned())
}

func TestOtherWeightsBeginAnew(t *testing.T) {
	b, log := &heldBlends{}, &shelfLog{events: stream(1, 300, 10, 20)}
	s := newSchool(t, 20, learning.StudentOptions{})
	s.student.Learn(log.events)
	_, err := learning.NewBlends(s.student, b, log, nil).Save(ctx)
	require.NoError(t, err)
	for name, change := range map[string]func(*recommend.Definition){
		"another weight":       func(d *recommend.Definition) { d.Weights["known"] = -0.21 },
		"a feature less":       func(d *recommend.Definition) { d.Learned = d.Learned[1:] },
		"a feature more":       func(d *recommend.Definition) { d.Learned = append(d.Learned, "quality") },
		"another feed":         func(d *recommend.Definition) { d.Name = "for-them" },
		"the same, as control": func(d *recommend.Definition) { d.Learned[0], d.Learned[1] = d.Learned[1], d.Learned[0] },
	} {
		t.Run(name, func(t *testing.T) {
			d := schoolFeed()
			change(&d)
			p, err := recommend.NewPipeline(d, s.index, s.model, recommend.Untrained{})
			require.NoError(t, err)
			student := learning.NewStudent(s.model, s.model, s.index, worth, learning.StudentOptions{}, p)
			require.NoError(t, learning.NewBlends(student, b, log, nil).Restore(ctx))
			if name == "the same, as control" {
				require.Equal(t, s.pipeline.Blend().Learned(), p.Blend().Learned())
				return
			}
			require.Zero(t, p.Blend().Learned().Steps)
		})
	}
}

func TestAnInstanceThatStartsFarBehindStudiesASample(t *testing.T) {
	const n = 4 * learning.Restudied
	events := make([]engagement.Logged, n+1000)
	for i := range events {
		events[i] = did(i+1, fmt.Sprint("v", i/300), audience.Like, i%300, dawn.Add(time.Duration(i)*time.Minute))
	}
	log := &shelfLog{events: events[:n]}
	o := learning.StudentOptions{PerHour: 1 << 30, First: 1 << 30}
	s, d := newSchool(t, 300, o), &diary{}
	student := learning.NewStudent(s.model, s.model, s.index, worth, o, &kept{s.pipeline, d})
	require.NoError(t, learning.NewBlends(student, &heldBlends{}, log, nil).Restore(ctx))
	student.Learn(events[:n])
	require.InDelta(t, learning.Restudied, len(d.asked), 400)
	before := len(d.asked)
	student.Learn(events[n:])
	require.Equal(t, before+1000, len(d.asked), "and from then on all")
}

// kept is a pipeline whose studies are written down.
type kept struct {
	*recommend.Pipeline
	diary *diary
}

func (k *kept) Study(q *recommend.Query, chosen recommend.Ordinal) recommend.Lesson {
	return k.diary.Study(q, chosen)
}

func TestWeightsThatCannotBeUsedAreTold(t *testing.T) {
	log := &shelfLog{events: stream(1, 20, 5, 20)}
	for name, c := range map[string]struct {
		store *heldBlends
		told  bool
		fails bool
	}{
		"they are unreadable":       {&heldBlends{err: recommend.ErrBlendUnreadable}, true, false},
		"the store does not answer": {&heldBlends{err: world.ErrBroken}, false, true},
		"they are from another, longer log": {func() *heldBlends {
			s, b := newSchool(t, 20, learning.StudentOptions{}), &heldBlends{}
			s.student.Learn(stream(1, 21, 5, 20))
			_, err := learning.NewBlends(s.student, b, log, nil).Save(ctx)
			require.NoError(t, err)
			return b
		}(), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSchool(t, 20, learning.StudentOptions{})
			told := errors.New("nothing")
			err := learning.NewBlends(s.student, c.store, log, func(_ string, err error) { told = err }).Restore(ctx)
			require.Equal(t, c.fails, fault.Is(err, fault.Unavailable))
			require.Equal(t, c.told, errors.Is(told, recommend.ErrBlendUnreadable))
			require.Zero(t, s.pipeline.Blend().Learned().Steps)
		})
	}
	s := newSchool(t, 20, learning.StudentOptions{})
	require.Error(t, learning.NewBlends(s.student, &heldBlends{}, &mute{log}, nil).Restore(ctx))
}
