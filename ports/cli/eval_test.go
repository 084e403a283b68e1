package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/trainedmodel"
	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/ports/cli"
)

// measurable is a feed by sequence and popularity.
func measurable(_ cli.Settings, feed string) (evaluating.Subject, error) {
	if feed != "for-you" {
		return evaluating.Subject{}, fmt.Errorf("--feed: the configuration has no feed %q; there are for-you", feed)
	}
	return evaluating.Subject{
		Config: "abc", Weights: engagement.DefaultWeights(), Trainer: trainedmodel.EASE{},
		Training: training.Options{Items: 100, Viewers: 100, Lambda: 10, Workers: 1},
		Feed: recommend.Definition{
			Name: feed, Order: recommend.ByValue, Supply: recommend.FromCatalogue,
			Sources: []recommend.SourceUse{{Name: "sequence", Limit: 50}, {Name: "trending", Limit: 50}},
			Weights: map[string]float32{"sequence": 1, "popular_day": .1}, Learned: []string{"sequence"},
			Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Minute},
		},
		Build: func(w engagement.Weights) evaluating.Engine {
			index := memindex.New()
			learner := memindex.NewLearner(index, w, memindex.Options{})
			return evaluating.Engine{Shelf: index, Index: index, Model: learner, Signals: learner, Bytes: func() int { return learner.Stats().Bytes }}
		},
	}, nil
}

// recorded writes a data set in which 20 viewers go through items in the same order.
func recorded(t *testing.T) string {
	dir := t.TempDir()
	var items, events strings.Builder
	for i := range 12 {
		fmt.Fprintf(&items, `{"id":"i%d","author":"a%d","tags":["t%d"],"published_at":"2026-01-01T00:00:00Z"}`+"\n", i, i%4, i%3)
	}
	for v := range 20 {
		for i := range 6 {
			fmt.Fprintf(&events, `{"event_id":"e%d-%d","type":"like","viewer":"v%d","item":"i%d","at":"2026-01-02T%02d:%02d:00Z"}`+"\n", v, i, v, (v%2)*6+i, v, i)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, events.String())
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "items.jsonl"), []byte(items.String()), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.jsonl.gz"), packed.Bytes(), 0o600))
	return dir
}

func TestEvalAsJSON(t *testing.T) {
	dir := recorded(t)
	for _, protocol := range []string{"loo", "prequential"} {
		r := call(t, "eval", "--data", dir, "--protocol", protocol, "--k", "5", "--positives", "all", "--json", "--ablation")
		require.Zero(t, r.code, r.err)
		require.Contains(t, r.err, "asking\n")
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(r.out), &m))
		for _, key := range []string{"protocol", "hr", "ndcg", "mrr", "coverage", "viewers", "tested", "unseen", "repeats", "cold", "diversity",
			"author_concentration", "author_concentration_by", "novelty", "candidates", "contributions", "baselines", "weights", "weights_configured", "weights_by_likes",
			"ablation", "us_per_event", "us_per_page", "train", "memory_bytes", "data", "seconds", "config", "seed", "feed", "k", "positives"} {
			require.Contains(t, m, key)
		}
		require.Equal(t, protocol, m["protocol"])
		require.Equal(t, "abc", m["config"])
		require.Equal(t, 20., m["viewers"])
		require.Greater(t, m["hr"], .4)
		require.Len(t, m["baselines"], 3)
		require.Len(t, m["ablation"], 4)
		if protocol == "loo" {
			require.Equal(t, "strict", m["fit"])
			require.NotContains(t, m, "delay")
			require.NotContains(t, m, "deciles")
			require.Equal(t, 20., m["tested"])
		} else {
			require.Equal(t, "1s", m["delay"])
			require.NotContains(t, m, "fit")
			require.Len(t, m["deciles"], 10)
			require.Equal(t, 120., m["tested"])
			require.Equal(t, 12., m["unseen"])
		}
	}
}

func TestEvalAsATableAndAPage(t *testing.T) {
	page := filepath.Join(t.TempDir(), "r.html")
	r := call(t, "eval", "--data", recorded(t), "--html", page, "--ablation")
	require.Zero(t, r.code, r.err)
	for _, part := range []string{"HR@10", "popular", "item-kNN, cosine", "coverage", "author", "sequence", "tenth of time", "without", "µs"} {
		require.Contains(t, r.out, part)
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, part := range []string{"<!doctype html>", "HR@10 over time", "HR@10 beside baselines", "Learned weights", "without one part", "Sources that proposed"} {
		require.Contains(t, string(text), part)
	}
	require.NotContains(t, string(text), "http", "it needs nothing else")
	drawings := strings.Count(string(text), "<svg")
	require.Equal(t, 6, drawings)
	for i, part := range strings.SplitN(string(text), "<svg", drawings+1)[1:] {
		drawing := "<svg" + part[:strings.Index(part, "</svg>")] + "</svg>"
		for d := xml.NewDecoder(strings.NewReader(drawing)); ; {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, "drawing %d", i)
		}
	}
}

func TestEvalTellsAndCountsBadLines(t *testing.T) {
	dir := t.TempDir()
	items := `{"id":"i1"}
{"id":"i2","tags":["a/b"]}
nonsense
{"id":"i3"}
{"id":"i3","title":"newer"}`
	events := `{"event_id":"e1","type":"like","viewer":"v","item":"i1","at":"2026-01-01T00:00:00Z"}
{"event_id":"e1","type":"like","viewer":"v","item":"i3","at":"2026-01-01T00:00:01Z"}
{"event_id":"e2","type":"adore","viewer":"v","item":"i3","at":"2026-01-01T00:00:02Z"}
{"event_id":"e3","type":"like","viewer":"v","item":"i3","at":"1989-01-01T00:00:02Z"}
{"event_id":"e4","type":"like","viewer":"v","item":"i9","at":"2026-01-01T00:00:03Z"}
{"event_id":"e5","type":"like","viewer":"v","item":"i3","at":"2026-01-01T00:00:04Z"}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "items.jsonl"), []byte(items), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte(events), 0o600))
	kept := filepath.Join(dir, "refused")
	r := call(t, "eval", "--data", dir, "--json", "--errors", kept)
	require.Zero(t, r.code, r.err)
	for _, part := range []string{"items.jsonl:2: tags: bad_tag", "items.jsonl:3: bad_json", "events.jsonl:3: type: unknown_type", "events.jsonl:4: at: too_old"} {
		require.Contains(t, r.err, part)
		text, err := os.ReadFile(kept)
		require.NoError(t, err)
		require.Contains(t, string(text), part)
	}
	var m struct {
		Tested int
		Data   map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(r.out), &m))
	require.Equal(t, 2, m.Tested)
	require.Equal(t, map[string]any{
		"items":  map[string]any{"lines": 5., "duplicate": 0., "rejected": 1., "bad": 1.},
		"events": map[string]any{"lines": 6., "duplicate": 1., "rejected": 1., "bad": 1.},

		"played_events": 2., "events_on_unknown_items": 1., "catalogue": 1.,
	}, m.Data)
}

func TestEvalTakesOnlyTheFirstEvents(t *testing.T) {
	dir := recorded(t)
	r := call(t, "eval", "--data", dir, "--json", "--limit-events", "50")
	require.Zero(t, r.code, r.err)
	require.Contains(t, r.out, `"played_events": 50,`)
	require.Contains(t, strings.Join(strings.Fields(r.out), ""), `"events":{"lines":50,`)
	r = call(t, "eval", "--data", dir, "--json", "--limit-events", "5000")
	require.Zero(t, r.code, r.err)
	require.Contains(t, r.out, `"played_events": 120,`)
}

func TestEvalRefusesWhatItCannotUse(t *testing.T) {
	full, half, both, empty, short := recorded(t), t.TempDir(), recorded(t), recorded(t), recorded(t)
	require.NoError(t, os.WriteFile(filepath.Join(half, "items.jsonl"), []byte(`{"id":"a"}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(both, "items.jsonl.gz"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(empty, "items.jsonl"), nil, 0o600))
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "eval takes --data DIR"},
		{[]string{"--data", "/nowhere"}, "--data: stat /nowhere"},
		{[]string{"--data", "doc.go"}, "--data: doc.go is no folder"},
		{[]string{"--data", half}, "has neither events.jsonl nor events.jsonl.gz"},
		{[]string{"--data", both}, "has both items.jsonl and items.jsonl.gz"},
		{[]string{"--data", empty}, "items.jsonl: holds no line that can be used"},
		{[]string{"--data", short, "--protocol", "loo", "--limit-events", "2"}, ": none of 2 lines is asked for"},
		{[]string{"--data", full, "--protocol", "loop"}, `--protocol: a protocol is "loo" or "prequential"`},
		{[]string{"--data", full, "--k", "0"}, "--k: k lies between 1 and 1000"},
		{[]string{"--data", full, "--positives", "likes"}, `--positives: positives are "all" or "like"`},
		{[]string{"--data", full, "--protocol", "loo", "--fit", "loose"}, `--fit: a fit is "strict" or "refit"`},
		{[]string{"--data", full, "--fit", "strict"}, "--fit belongs to --protocol loo"},
		{[]string{"--data", full, "--protocol", "loo", "--delay", "1s"}, "--delay belongs to --protocol prequential"},
		{[]string{"--data", full, "--delay", "-1s"}, "--delay: a delay is not negative"},
		{[]string{"--data", full, "--limit-events", "-1"}, "--limit-events is not negative"},
		{[]string{"--data", full, "--feed", "x"}, `--feed: the configuration has no feed "x"`},
		{[]string{"--data", full, "--html", "/nowhere/x.html"}, "/nowhere/x.html"},
		{[]string{"--data", full, "--errors", "/nowhere/x"}, "/nowhere/x"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			r := call(t, append([]string{"eval"}, c.args...)...)
			require.Equal(t, cli.Misused, r.code, r.err)
			require.Contains(t, r.err, c.says)
			require.Empty(t, r.out)
		})
	}
}

func TestEvalIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := callIn(ctx, t, nil, "eval", "--data", recorded(t))
	require.Equal(t, cli.Interrupted, r.code)
	require.Empty(t, r.out)
}
