package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/ports/cli"
)

// lost is two stores: three viewers on record, one of them held.
type lost struct {
	since time.Time
	wrote int
}

func (l *lost) Active(_ context.Context, since time.Time, _ audience.ViewerID, _ int) ([]audience.ViewerID, audience.ViewerID, error) {
	l.since = since
	return []audience.ViewerID{"a", "b", "c"}, "", nil
}

func (l *lost) RecollectAll(_ context.Context, ids []audience.ViewerID) ([]audience.Knowledge, error) {
	return make([]audience.Knowledge, len(ids)), nil
}

func (l *lost) Sessions(context.Context, []audience.ViewerID, time.Time, func([]rebuilding.Session) error) error {
	return nil
}

func (l *lost) Held(_ context.Context, ids []audience.ViewerID) ([]bool, error) {
	return []bool{true, false, false}[3-len(ids):], nil
}

func (l *lost) Versions(_ context.Context, ids []audience.ViewerID) ([]int64, error) {
	return make([]int64, len(ids)), nil
}

func (l *lost) Restore(_ context.Context, copies []rebuilding.Copy) ([]bool, error) {
	l.wrote += len(copies)
	return []bool{true, true, true}[:len(copies)], nil
}

func (l *lost) Reopen(context.Context, []rebuilding.Opening) (int, error) { return 0, nil }

func (l *lost) call(t *testing.T, args ...string) (r result) {
	var out, errs bytes.Buffer
	c := deeds(t, &r.said)
	c.Rebuild = func(ctx context.Context, _ cli.Settings, _ int, use func(context.Context, cli.Rebuilding) error) error {
		return use(ctx, cli.Rebuilding{Rebuild: rebuilding.NewRebuild(l, l, time.Now), CopyLife: 720 * time.Hour, SessionLife: time.Hour})
	}
	root := cli.Root(c)
	root.SetArgs(append([]string{"rebuild"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(t.Context(), root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestRedisIsRebuilt(t *testing.T) {
	l := &lost{}
	r := l.call(t)
	require.Equal(t, cli.Done, r.code)
	require.Regexp(t, regexp.MustCompile(`^3 viewers: 2 restored, 1 were held, 0 left to their next page; 0 sessions reopened\n\d+ viewers a second, 0s\n$`), r.out)
	require.Equal(t, 2, l.wrote)
	require.WithinDuration(t, time.Now().Add(-720*time.Hour), l.since, time.Minute, "as long as copies stay")

	r = l.call(t, "--since", "1h", "--json")
	require.WithinDuration(t, time.Now().Add(-time.Hour), l.since, time.Minute)
	var told map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.out), &told))
	require.EqualValues(t, 3, told["viewers"])
	require.EqualValues(t, 1, told["held"])

	l.wrote = 0
	require.Equal(t, result{out: "3 viewers: 2 would be restored, 1 are held\n"}, l.call(t, "--dry-run"))
	require.Zero(t, l.wrote)
	for _, wrong := range [][]string{{"--parallel", "0"}, {"--parallel", "65"}, {"--rate", "-1"}, {"--since", "soon"}, {"now"}} {
		require.Equal(t, cli.Misused, l.call(t, wrong...).code, "%v", wrong)
	}
}
