package training_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/databases"
)

// misled is a trainer that is given other likes than there were.
type misled struct{ trainedmodel.EASE }

func (m misled) Train(ctx context.Context, t training.Task) ([]recommend.LinearRow, *recommend.Recurrent, error) {
	liked := t.Liked
	t.Liked = func(yield func([]uint32) bool) {
		r := rand.New(rand.NewPCG(3, 3))
		for one := range liked {
			other := make([]uint32, 0, len(one))
			for _, at := range r.Perm(t.Items)[:min(len(one), t.Items)] {
				other = append(other, uint32(at))
			}
			if !yield(other) {
				return
			}
		}
	}
	return m.EASE.Train(ctx, t)
}

// inverted is a trainer whose models say the opposite.
type inverted struct{ trainedmodel.EASE }

func (m inverted) Train(ctx context.Context, t training.Task) ([]recommend.LinearRow, *recommend.Recurrent, error) {
	rows, next, err := m.EASE.Train(ctx, t)
	for _, row := range rows {
		for i := range row.Weights {
			row.Weights[i] *= -1
		}
	}
	return rows, next, err
}

// rest is a part of what lively viewers have not liked yet: three more items of their group.
func (r *room) rest(viewers int) {
	r.t.Helper()
	var events []engagement.Event
	for v := range viewers {
		for i := range 20 {
			if (i+v)%7 == 0 {
				events = append(events, engagement.Event{
					ID: engagement.EventID(fmt.Sprint("r", v, "-", i)), Viewer: audience.ViewerID(fmt.Sprint("v", v)),
					Act: audience.Like, Item: catalog.ItemID(fmt.Sprint("g", v%2, "-", (i+v)%20)), At: dawn,
				})
			}
		}
	}
	_, err := r.log.Append(r.t.Context(), events, dawn)
	require.NoError(r.t, err)
}

func (r *room) trainBy(by training.Trainer) training.Made {
	r.t.Helper()
	train := training.NewTrain(r.log, engagement.DefaultWeights(), by, r.models, mysqlstore.NewItems(r.db, nil), mysqlstore.NewTurn(r.db), "me", r.clock)
	o := options()
	o.Tolerance = 0.1
	made, err := train.Run(r.t.Context(), o, unheard)
	require.NoError(r.t, err)
	return made
}

func (r *room) inForce(version uint64) {
	r.t.Helper()
	active, err := r.models.Active(r.t.Context())
	require.NoError(r.t, err)
	require.Equal(r.t, version, active)
}

func TestAModelTrainedOnGarbageDoesNotReplaceAGoodOne(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	good := r.trainBy(trainedmodel.EASE{})
	require.Empty(t, good.Withheld)
	require.Greater(t, good.NDCG, good.Floor)
	require.Zero(t, good.Against)
	r.inForce(good.Version)

	r.rest(50)
	bad := r.trainBy(misled{})
	require.Contains(t, bad.Withheld, "NDCG@10 of ")
	require.Equal(t, good.Version, bad.Against)
	require.Equal(t, 50, bad.Compared)
	require.Greater(t, bad.Theirs, 1.5*bad.Its)
	require.Greater(t, bad.Version, good.Version)
	r.inForce(good.Version)
	kept, err := r.models.List(t.Context())
	require.NoError(t, err)
	require.Len(t, kept, 2, "it is kept all the same")
	verdicts, err := r.models.Verdicts(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[uint64]training.Verdict{good.Version: good.Verdict, bad.Version: bad.Verdict}, verdicts)

	again := r.trainBy(trainedmodel.EASE{})
	require.Empty(t, again.Withheld)
	r.inForce(again.Version)
	require.NoError(t, r.models.Activate(t.Context(), bad.Version))
	r.inForce(bad.Version)
	last := r.trainBy(trainedmodel.EASE{})
	require.Equal(t, bad.Version, last.Against)
	r.inForce(last.Version)
}

func TestTheFirstModelMustBeBetterThanWhatIsMostPopular(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	bad := r.trainBy(inverted{})
	require.Contains(t, bad.Withheld, "no better than")
	r.inForce(0)
	good := r.trainBy(trainedmodel.EASE{})
	require.Empty(t, good.Withheld)
	r.inForce(good.Version)
}

func TestAGoodModelIsKeptHoweverManyBadOnesCome(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	good := r.trainBy(trainedmodel.EASE{})
	r.rest(50)
	for range recommend.KeptModels + 1 {
		require.NotEmpty(t, r.trainBy(misled{}).Withheld)
	}
	r.inForce(good.Version)
	_, _, err := r.models.Load(t.Context(), good.Version)
	require.NoError(t, err)
}

func TestWhatTheModelInForceHasLearnedIsNotAskedOfIt(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	require.Empty(t, r.trainBy(trainedmodel.EASE{}).Withheld)
	again := r.trainBy(trainedmodel.EASE{})
	require.Zero(t, again.Compared, "it has learned all that is held back")
	require.Empty(t, again.Withheld)
	r.now = r.now.Add(time.Hour)
	r.lively(50) // the same likes once more
	again = r.trainBy(trainedmodel.EASE{})
	require.Zero(t, again.Compared)
	r.inForce(again.Version)
}

func TestAScheduleCountsWhatWasWithheld(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	train := training.NewTrain(r.log, engagement.DefaultWeights(), inverted{}, r.models, mysqlstore.NewItems(r.db, nil), mysqlstore.NewTurn(r.db), "me", r.clock)
	var made []training.Made
	s := training.NewSchedule(train, r.log, r.models, time.Hour, 1, options(), func(m training.Made) { made = append(made, m) }, r.clock)
	r.now = r.now.Add(time.Minute)
	run(t, s, 1)
	require.NotEmpty(t, made[0].Withheld)
	require.EqualValues(t, 1, s.Withheld())
	r.now = r.now.Add(59 * time.Minute)
	run(t, s, 0) // a model that was withheld is a training too: the next comes when it is due
}

func TestRemovedItemsAreNotInANewModel(t *testing.T) {
	r := newRoom(t)
	r.lively(50)
	items := mysqlstore.NewItems(r.db, databases.Counting())
	change := func(id catalog.ItemID, does func(*catalog.FeedItem) error) {
		t.Helper()
		outcomes, err := items.Update(t.Context(), []catalog.ItemID{id}, func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
			if n, err := number(); err != nil {
				return err
			} else if err := item.Publish(n, catalog.Details{}, dawn); err != nil {
				return err
			}
			return does(item)
		})
		require.NoError(t, err)
		require.NoError(t, outcomes[0])
	}
	change("g0-3", func(item *catalog.FeedItem) error { return item.Remove(dawn) })
	change("g1-4", func(item *catalog.FeedItem) error { return item.Hide(dawn) }) // may come back
	change("g1-5", func(*catalog.FeedItem) error { return nil })
	o := options()
	made, err := r.train("one").Run(t.Context(), o, unheard)
	require.NoError(t, err)
	require.Equal(t, 39, made.Items)
	m, _, err := r.models.Load(t.Context(), made.Version)
	require.NoError(t, err)
	require.False(t, slices.Contains(m.Items(), "g0-3"))
	for _, stays := range []catalog.ItemID{"g1-4", "g1-5", "g0-2"} {
		require.True(t, slices.Contains(m.Items(), stays), stays)
	}

	o.Items = 39 // others come up in its place
	made, err = r.train("one").Run(t.Context(), o, unheard)
	require.NoError(t, err)
	require.Equal(t, 39, made.Items)
}
