package cli_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/ports/cli"
)

// books is a ledger with some differences in it.
type books struct {
	wrong []recounting.Difference
	took  int64
}

func (b *books) Compare(_ context.Context, tell func(recounting.Difference) error) (engagement.Offset, error) {
	for _, d := range b.wrong {
		if err := tell(d); err != nil {
			return 0, err
		}
	}
	return 12, nil
}

func (b *books) Take(context.Context) (int64, error) {
	b.took++
	return b.took, nil
}

func (b *books) MendRows(_ context.Context, turn int64, after audience.ViewerID) (int, audience.ViewerID, bool, error) {
	if turn != b.took {
		return 0, "", false, recounting.ErrTakenOver
	}
	return 2, after + "v", len(after) < 2, nil
}

func (b *books) MendCounts(_ context.Context, _ int64, mended func(int)) error {
	mended(len(b.wrong))
	b.wrong = nil
	return nil
}

func (b *books) call(t *testing.T, args ...string) (r result) {
	var out, errs bytes.Buffer
	c := deeds(t, &r.said)
	c.Counters = func(ctx context.Context, _ cli.Settings, use func(context.Context, *recounting.Counts) error) error {
		return use(ctx, recounting.NewCounts(b))
	}
	root := cli.Root(c)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(t.Context(), root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestCountersAreVerifiedAndRebuilt(t *testing.T) {
	b := &books{}
	require.Equal(t, result{out: "0 differences, with the log counted up to offset 12\n"}, b.call(t, "counters", "verify"))

	b.wrong = []recounting.Difference{{Kind: recounting.Likes, Of: "i", Stored: 3, Counted: 2}, {Kind: recounting.Reactions, Of: "i", Viewer: "v", Stored: 1}}
	require.Equal(t, result{code: cli.Failed, out: "2 differences, with the log counted up to offset 12\n" +
		"KIND   OF  VIEWER  STORED  COUNTED\nlikes  i           3       2\n"}, b.call(t, "counters", "verify", "--examples", "1"))
	r := b.call(t, "counters", "verify", "--json", "--examples", "1")
	require.Equal(t, cli.Failed, r.code)
	require.JSONEq(t, `{"offset":12,"differences":2,"found":{"likes":1,"reactions":1},"examples":[{"kind":"likes","of":"i","stored":3,"counted":2}]}`, r.out)

	require.Equal(t, result{out: "mended 6 rows and 2 counts\n"}, b.call(t, "counters", "rebuild"))
	require.JSONEq(t, `{"rows_mended":6,"counts_mended":0}`, b.call(t, "counters", "rebuild", "--json").out)
	require.Equal(t, cli.Done, b.call(t, "counters", "verify").code)
	require.Equal(t, cli.Misused, b.call(t, "counters", "verify", "--examples", "-1").code)
	require.Equal(t, cli.Misused, b.call(t, "counters", "verfy").code)
}
