package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/ports/cli"
)

// pigeonholes are dead letters in memory; what is requeued waits.
type pigeonholes struct {
	letters []catalog.DeadLetter
	waits   map[catalog.LetterID]bool
}

func (p *pigeonholes) at(id catalog.LetterID) int {
	for i := range p.letters {
		if p.letters[i].ID == id {
			return i
		}
	}
	return -1
}

func (p *pigeonholes) List(_ context.Context, after catalog.LetterID, limit int) (some []catalog.DeadLetter, err error) {
	for _, l := range p.letters {
		if l.ID > after && len(some) < limit {
			l.Details, l.Payload = nil, nil
			some = append(some, l)
		}
	}
	return some, nil
}

func (p *pigeonholes) Find(_ context.Context, id catalog.LetterID) (catalog.DeadLetter, error) {
	if i := p.at(id); i >= 0 {
		return p.letters[i], nil
	}
	return catalog.DeadLetter{}, catalog.ErrNoLetter
}

func (p *pigeonholes) Requeue(ctx context.Context, id catalog.LetterID) (catalog.Requeueing, error) {
	i := p.at(id)
	switch {
	case i < 0 && p.waits[id]:
		return catalog.Waiting, nil
	case i < 0:
		return "", catalog.ErrNoLetter
	case p.letters[i].Superseded():
		return catalog.Superseded, nil
	}
	p.waits[id] = true
	return catalog.Requeued, p.Drop(ctx, id)
}

func (p *pigeonholes) Drop(_ context.Context, id catalog.LetterID) error {
	i := p.at(id)
	if i < 0 {
		return catalog.ErrNoLetter
	}
	p.letters = append(p.letters[:i:i], p.letters[i+1:]...)
	return nil
}

func twoLetters() *pigeonholes {
	at := time.Date(2026, 11, 20, 21, 22, 23, 0, time.UTC)
	return &pigeonholes{waits: map[catalog.LetterID]bool{}, letters: []catalog.DeadLetter{
		{
			ID: 1741, Item: "news-1", Version: 4, State: catalog.Published, ChangedAt: at, Failures: 3, DiedAt: at.Add(2 * time.Second),
			Why: `item "news-1": unexpected end of JSON input`, Details: []byte("{\"t\":\"\x1b[2J"), Payload: []byte(`{"a":1}`),
		},
		{
			ID: 1750, Item: "clip", Version: 2, State: catalog.Hidden, ChangedAt: at, Failures: 3, DiedAt: at.Add(time.Minute),
			Why: "undeliverable: too large", Overtaken: 3, Details: []byte("{}"),
		},
	}}
}

func dlq(t *testing.T, on catalog.DeadLetters, args ...string) (r result) {
	t.Helper()
	var out, errs bytes.Buffer
	root := cli.Root(cli.Commands{DeadLetters: func(ctx context.Context, _ cli.Settings, use func(context.Context, *relaying.Letters) error) error {
		return use(ctx, relaying.NewLetters(on))
	}})
	root.SetArgs(append([]string{"dlq"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	r.code = cli.Run(t.Context(), root)
	r.out, r.err = out.String(), errs.String()
	return r
}

func TestDeadLettersAreToldAsTheyAre(t *testing.T) {
	require.Equal(t, result{out: `id    item    version  died at               failures  superseded    error
1741  news-1  4        2026-11-20T21:22:25Z  3         no            item "news-1": unexpected end of JSON input
1750  clip    2        2026-11-20T21:23:23Z  3         by version 3  undeliverable: too large
`}, dlq(t, twoLetters(), "list"))
	require.Equal(t, result{out: `id          1741
item        news-1
version     4
state       published
changed at  2026-11-20T21:22:23Z
died at     2026-11-20T21:22:25Z
failures    3
error       item "news-1": unexpected end of JSON input
superseded  no
details     {"t":"\x1b[2J
payload     {"a":1}
`}, dlq(t, twoLetters(), "show", "1741"))
	require.Equal(t, result{out: "no dead letters\n"}, dlq(t, &pigeonholes{}, "list"))
	require.Equal(t, result{out: "no dead letters\n"}, dlq(t, &pigeonholes{}, "requeue", "--all"))
	require.Equal(t, result{code: cli.Failed, err: "freshet: 9: no_dead_letter: there is no such dead letter\n"}, dlq(t, twoLetters(), "show", "9"))
}

func TestDeadLettersAreToldAsJSON(t *testing.T) {
	first := `  {
    "id": 1741,
    "item": "news-1",
    "version": 4,
    "state": "published",
    "changed_at": "2026-11-20T21:22:23Z",
    "failures": 3,
    "error": "item \"news-1\": unexpected end of JSON input",
    "died_at": "2026-11-20T21:22:25Z"
  },
`
	require.Equal(t, result{out: "[\n" + first + `  {
    "id": 1750,
    "item": "clip",
    "version": 2,
    "state": "hidden",
    "changed_at": "2026-11-20T21:22:23Z",
    "failures": 3,
    "error": "undeliverable: too large",
    "died_at": "2026-11-20T21:23:23Z",
    "superseded_by": 3
  }
]
`}, dlq(t, twoLetters(), "list", "--json"))
	shown := dlq(t, twoLetters(), "show", "1741", "--json")
	require.Zero(t, shown.code)
	require.Contains(t, shown.out, `"details": "{\"t\":\"\u001b[2J",`+"\n"+`  "payload": "{\"a\":1}"`)
	require.Equal(t, result{out: "[]\n"}, dlq(t, &pigeonholes{}, "list", "--json"))
	require.JSONEq(t, `[{"id": 1741, "outcome": "requeued"}, {"id": 1750, "outcome": "superseded"}]`, dlq(t, twoLetters(), "requeue", "--all", "--json").out)
}

func TestRequeueingAndDroppingSayWhatBecameOfEach(t *testing.T) {
	on := twoLetters()
	require.Equal(t, result{out: "1741  requeued\n1750  superseded\n"}, dlq(t, on, "requeue", "1750", "1741"))
	require.Equal(t, result{
		code: cli.Failed, out: "9     no dead letter\n1741  waiting\n", err: "freshet: 1 of 2: there is no such dead letter\n",
	}, dlq(t, on, "requeue", "1741", "9"))
	require.Equal(t, result{out: "1750  dropped\n"}, dlq(t, on, "drop", "1750"))
	require.Equal(t, result{code: cli.Failed, out: "1750  no dead letter\n", err: "freshet: 1 of 1: there is no such dead letter\n"}, dlq(t, on, "drop", "1750"))
}

func TestWrongWordsForDeadLettersAreTwo(t *testing.T) {
	for args, says := range map[string]string{
		"":                 "",
		"lst":              `there is no command "lst"`,
		"show":             "dlq show takes one ID",
		"show 1 2":         "dlq show takes one ID",
		"show x":           `"x" is not the id of a dead letter`,
		"drop":             "dlq drop takes at least one ID",
		"drop 0":           `"0" is not the id of a dead letter`,
		"requeue":          "either IDs or --all",
		"requeue 1 --all":  "either IDs or --all",
		"list 1":           "list takes no arguments",
		"list --verbosely": "unknown flag: --verbosely; see freshet dlq list --help",
	} {
		r := dlq(t, twoLetters(), strings.Fields(args)...)
		if says == "" {
			require.Zero(t, r.code)
			require.Contains(t, r.out, "freshet dlq requeue --all")
			continue
		}
		require.Equal(t, cli.Misused, r.code, args)
		require.Contains(t, r.err, says)
		require.Equal(t, 1, strings.Count(r.err, "\n"))
	}
}
