package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/test/databases"
)

// trainer calls "freshet train" on stores of its own.
type trainer struct {
	t    *testing.T
	with cli.Commands
	log  *mysqlstore.EventLog
	by   training.Trainer
}

func newTrainer(t *testing.T) *trainer {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: databases.SQLite(t, "f.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	r := &trainer{t: t, log: mysqlstore.NewEventLog(db), by: trainedmodel.EASE{}}
	models := mysqlstore.NewModels(db)
	r.with.Training = func(ctx context.Context, _ cli.Settings, use func(context.Context, cli.Training) error) error {
		return use(ctx, cli.Training{
			Train:  training.NewTrain(r.log, engagement.DefaultWeights(), r.by, models, mysqlstore.NewItems(db, nil), mysqlstore.NewTurn(db), "cli", time.Now),
			Models: models, Options: training.Options{Items: 10, Viewers: 10, Lambda: 1, Workers: 1},
		})
	}
	return r
}

func (r *trainer) lively() {
	var events []engagement.Event
	for v := range 8 { // two groups, and each viewer likes four of the five items of one
		for i := range 4 {
			events = append(events, engagement.Event{
				ID: engagement.EventID(fmt.Sprint(v, i)), Viewer: audience.ViewerID(fmt.Sprint("v", v)), Act: audience.Like,
				Item: catalog.ItemID(fmt.Sprint("g", v%2, "-", (v/2+i)%5)), At: time.UnixMilli(1),
			})
		}
	}
	_, err := r.log.Append(r.t.Context(), events, time.UnixMilli(1))
	require.NoError(r.t, err)
}

func (r *trainer) call(ctx context.Context, args ...string) (code int, out, said string) {
	var o, e bytes.Buffer
	root := cli.Root(r.with)
	root.SetArgs(append([]string{"train"}, args...))
	root.SetOut(&o)
	root.SetErr(&e)
	return cli.Run(ctx, root), o.String(), e.String()
}

func TestTrainTellsWhatItMade(t *testing.T) {
	r := newTrainer(t)
	r.lively()
	code, out, said := r.call(t.Context())
	require.Zero(t, code, said)
	require.Equal(t, "reading the log\ntraining without each viewer's last\nmeasuring\ntraining\nstoring\n", said)
	require.Contains(t, out, "model             1, in force\nlearned from      32 events up to offset 32\nknows             10 items by the likes of 8 viewers\nby itself         HR@10 1.0000, NDCG@10 ")

	code, out, said = r.call(t.Context(), "--json")
	require.Zero(t, code, said)
	var told map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	require.EqualValues(t, 2, told["version"])
	require.Equal(t, true, told["active"])
	require.EqualValues(t, 1, told["hr_at_10"])
	for _, key := range []string{"trained_at", "offset", "events", "viewers", "items", "lambda", "tested", "ndcg_at_10", "seconds", "bytes"} {
		require.Contains(t, told, key)
	}
}

func TestTrainListsAndGoesBack(t *testing.T) {
	r := newTrainer(t)
	code, out, _ := r.call(t.Context(), "--list")
	require.Zero(t, code)
	require.Equal(t, "no model has been trained\n", out)
	_, out, _ = r.call(t.Context(), "--list", "--json")
	require.Equal(t, "[]\n", out)

	r.lively()
	for range 4 {
		code, _, said := r.call(t.Context())
		require.Zero(t, code, said)
	}
	_, out, _ = r.call(t.Context(), "--list")
	require.Regexp(t, `(?m)\Aversion +trained at .*\n4 +in force .*\n3 +20.*\n2 +20.*\n\z`, out)

	code, out, said := r.call(t.Context(), "--activate", "2")
	require.Zero(t, code, said)
	require.Contains(t, out, "model             2, in force\n")
	_, out, _ = r.call(t.Context(), "--list", "--json")
	var told []struct {
		Version int
		Active  bool
	}
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	require.Len(t, told, 3)
	for _, k := range told {
		require.Equal(t, k.Version == 2, k.Active)
	}

	code, _, said = r.call(t.Context(), "--activate", "1")
	require.Equal(t, cli.Failed, code)
	require.Equal(t, "freshet: model_not_found: no trained model of that version is kept\n", said)
	code, out, _ = r.call(t.Context(), "--activate", "0")
	require.Zero(t, code)
	require.Equal(t, "no trained model is in force\n", out)
}

func TestTrainThatCannot(t *testing.T) {
	r := newTrainer(t)
	code, out, said := r.call(t.Context())
	require.Equal(t, cli.Failed, code)
	require.Contains(t, said, "freshet: too_little_to_learn: ")
	require.Empty(t, out)

	code, _, said = r.call(t.Context(), "--list", "--activate", "1")
	require.Equal(t, cli.Misused, code)
	require.Contains(t, said, "not both")
	code, _, _ = r.call(t.Context(), "--activate", "-1")
	require.Equal(t, cli.Misused, code)

	stopped, stop := context.WithCancel(t.Context())
	stop()
	code, _, said = r.call(stopped)
	require.Equal(t, cli.Interrupted, code)
	require.Contains(t, said, "interrupted; nothing has changed")

	r.with.Training = func(context.Context, cli.Settings, func(context.Context, cli.Training) error) error {
		return errors.New("the stores are in use")
	}
	code, _, said = r.call(t.Context())
	require.Equal(t, cli.Failed, code)
	require.Equal(t, "freshet: the stores are in use\n", said)
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

func TestAModelThatIsFoundWantingIsKeptAndWithheldUntilItIsActivated(t *testing.T) {
	r := newTrainer(t)
	r.lively()
	r.by = inverted{}
	code, out, said := r.call(t.Context())
	require.Zero(t, code, said)
	require.Contains(t, out, "model             1, withheld\nwithheld          NDCG@10 of 0.")
	require.Contains(t, out, "of the most popular items\n")
	_, out, _ = r.call(t.Context(), "--list")
	require.Regexp(t, `(?m)^1 +withheld +20.* NDCG@10 of 0\.\d+ is no better than 0\.\d+ of the most popular items$`, out)
	_, out, _ = r.call(t.Context(), "--list", "--json")
	var told []struct {
		Active   bool
		Withheld string
		Floor    float64 `json:"floor_ndcg_at_10"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	require.False(t, told[0].Active)
	require.Contains(t, told[0].Withheld, "no better than")
	require.Positive(t, told[0].Floor)

	code, out, _ = r.call(t.Context(), "--activate", "1")
	require.Zero(t, code)
	require.Contains(t, out, "model             1, in force\nwithheld          NDCG@10 of 0.")
	r.by = trainedmodel.EASE{}
	_, out, _ = r.call(t.Context(), "--json")
	require.NotContains(t, out, "withheld")
	require.Contains(t, out, `"against": 1`)
}
