package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/comparing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/test/world"
)

// shelved is a town of forty items, in which one viewer is served five pages of ten in a row and does nothing.
type shelved struct {
	feed.PageArchive
	engagement.EventLog
	catalog.ItemRepository
	feed string
}

func (s shelved) Served(_ context.Context, from, until time.Time, _ *feed.Exposure, _ int) (all []feed.Exposure, _ error) {
	at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for n := range 5 {
		v := feed.Visit{ID: feed.SessionID(fmt.Sprint(n)), Viewer: "v", Feed: s.feed, Seed: uint64(n)}
		p := feed.Page{Number: 1, First: 1, ServedAt: at, Want: 10, Rung: feed.Full, Items: []feed.Placement{{Item: "i1", Number: 1, Chance: .5}}}
		if n == 4 {
			p.Rung = feed.Popular
		}
		if !at.Before(from) && at.Before(until) {
			all = append(all, feed.Exposure{Visit: v, Page: p})
		}
	}
	return all, nil
}

func (s shelved) Read(context.Context, engagement.Offset, int) ([]engagement.Logged, error) {
	return nil, nil
}
func (s shelved) Head(context.Context) (engagement.Offset, error) { return 0, nil }

func (s shelved) Scan(context.Context, time.Time, catalog.Number, int) (all []catalog.Snapshot, err error) {
	for n := catalog.Number(1); n <= 40; n++ {
		it := catalog.Unknown(catalog.ItemID(fmt.Sprint("i", n)))
		err = errors.Join(err, it.Publish(n, catalog.Details{Author: catalog.AuthorID(fmt.Sprint("a", n%9)), Tags: []string{fmt.Sprint("t", n%4)}}, time.Now().Add(-2*time.Hour).Add(time.Duration(n)*time.Minute)))
		all = append(all, it.Snapshot())
	}
	return all, err
}

func (s shelved) Recollect(_ context.Context, id audience.ViewerID, _ time.Time) (audience.Knowledge, error) {
	return audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, nil
}

// replaying calls replay on that town; the changed side is by age, the other way round.
func replaying(ctx context.Context, t *testing.T, args ...string) (r result) {
	var out, errs bytes.Buffer
	root := cli.Root(cli.Commands{Comparison: func(ctx context.Context, installed, changed cli.Settings, feedName string, use func(context.Context, comparing.Subject) error) error {
		r.said = append(r.said, fmt.Sprint(installed, " ", changed, " ", feedName))
		index := memindex.New()
		town := shelved{feed: "for-you"}
		s := comparing.Subject{
			Records: comparing.Records{Pages: town, Events: town, Items: town, Past: town}, Shelf: index, Trained: &comparing.Trained{},
			Worth: func(audience.Action) float32 { return 1 },
		}
		for to, weight := range map[*comparing.Side]float32{&s.Current: 1, &s.Changed: -1} {
			learner := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
			feeds := world.Feeds()
			feeds[0].Weights = map[string]float32{"freshness": weight}
			plan, err := serving.NewPlan(fmt.Sprint("weight ", weight), time.Hour, engagement.DefaultWeights(), nil, feeds, index, learner, recommend.Untrained{})
			require.NoError(t, err)
			*to = comparing.Side{Config: plan.Version, Rerun: serving.NewRerun(serving.NewPlans(plan), index, learner), Model: learning.Model(learner)}
		}
		return use(ctx, s)
	}})
	root.SetArgs(append([]string{"replay"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(ctx, root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestReplayAsJSON(t *testing.T) {
	r := replaying(t.Context(), t, "--since", "2h", "--json", "--window", "1m")
	require.Zero(t, r.code, r.err)
	require.Contains(t, r.err, "making pages again, seconds of the time\n")
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.out), &m))
	for _, key := range []string{"feed", "since", "until", "config", "pages", "places", "k", "skipped", "catalogue", "events_learned", "fidelity", "likeness",
		"gaining", "losing", "sources", "authors", "diversity", "author_concentration", "propensity", "us_per_page", "seconds"} {
		require.Contains(t, m, key)
	}
	require.Equal(t, map[string]any{"current": "weight 1", "changed": "weight -1"}, m["config"])
	require.Equal(t, 4., m["pages"])
	require.Equal(t, map[string]any{"lower_rung": 1.}, m["skipped"])
	for _, key := range []string{"identical", "same_first", "overlap", "kendall_tau", "mean_move"} {
		require.Contains(t, m["likeness"], key)
		require.Contains(t, m["fidelity"], key)
	}
	p := m["propensity"].(map[string]any)
	require.Equal(t, 4., p["picks"])
	require.Equal(t, false, p["enough"])
	require.Equal(t, 0., p["recorded"])
	for _, side := range []string{"current", "changed"} {
		for _, key := range []string{"ips", "ips_error", "snips", "snips_error", "mean_weight", "effective_picks", "clipped"} {
			require.Contains(t, p[side], key)
		}
	}
	require.Contains(t, p["delta"], "snips_error")
	require.Len(t, m["gaining"], 10)
	require.Len(t, m["losing"], 10)
}

func TestReplayAsATable(t *testing.T) {
	r := replaying(t.Context(), t, "--since", "2h", "--k", "5")
	require.Zero(t, r.code, r.err)
	for _, part := range []string{"weight 1 in force, weight -1 changed", "4 made again with 4 places, the first 5 places compared; left out: lower_rung 1",
		"overlap", "Kendall's tau", "diversity", "source, of places", "gaining", "losing", "within 30m", "TOO FEW", "today's, without items that came after a page"} {
		require.Contains(t, r.out, part)
	}
}

func TestWhatIsChangedAndWhatIsInForce(t *testing.T) {
	for _, c := range []struct{ args, settings string }{
		{"", "{ []} { []} for-you"},
		{"--config new.yaml", "{ []} {new.yaml []} for-you"},
		{"--set a=1 --set b=2", "{ []} { [a=1 b=2]} for-you"},
		{"--store-config old.yaml --set a=1 --feed x", "{old.yaml []} {old.yaml [a=1]} x"},
		{"--store-config old.yaml --config new.yaml", "{old.yaml []} {new.yaml []} for-you"},
	} {
		r := replaying(t.Context(), t, append([]string{"--since", "2h"}, strings.Fields(c.args)...)...)
		require.Equal(t, []string{c.settings}, r.said)
	}
}

func TestReplayRefusesWhatItCannotUse(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"", "replay takes --since TIME"},
		{"--since yesterday", `--since: "yesterday" is neither a time such as`},
		{"--since -2h", `--since: "-2h" is neither`},
		{"--since 2h --until soon", `--until: "soon" is neither`},
		{"--since 1h --until 2h", "--since: the time begins before it ends"},
		{"--since 2h --limit -1", "--limit: a limit is not negative"},
		{"--since 2h --k 101", "--k: k lies between 0, for whole pages, and 100"},
		{"--since 2h --window 0s", "--window: a window is longer than nothing"},
		{"--since 2h --clip 0.5", "--clip: weights are clipped at 1 or more"},
		{"--since 2h --clip NaN", "--clip: weights are clipped at 1 or more"},
		{"--since 2h --feed=", "--feed: a feed has a name"},
		{"--since 2h --until 90m", `--since: no page of the feed "for-you" was recorded from`},
		{"--since 2h now", "replay takes no arguments"},
	} {
		t.Run(c.args, func(t *testing.T) {
			r := replaying(t.Context(), t, strings.Fields(c.args)...)
			require.Equal(t, cli.Misused, r.code, r.err)
			require.Contains(t, r.err, c.says)
			require.Empty(t, r.out)
		})
	}
}

func TestReplayIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := replaying(ctx, t, "--since", "2h")
	require.Equal(t, cli.Interrupted, r.code)
	require.Contains(t, r.err, "freshet: interrupted\n")
	require.Empty(t, r.out)
}
