package intake

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/fault"
)

// shelf is a target that remembers what it was sent.
type shelf struct {
	batches [][]int64 // line numbers
	items   map[string]string
	events  map[string]bool
	fail    func(batch int) error
	onBatch func(batch int)
}

func newShelf() *shelf { return &shelf{items: map[string]string{}, events: map[string]bool{}} }

func (s *shelf) begin(lines []Line) error {
	var numbers []int64
	for _, l := range lines {
		numbers = append(numbers, l.Number)
	}
	s.batches = append(s.batches, numbers)
	if s.onBatch != nil {
		s.onBatch(len(s.batches))
	}
	if s.fail != nil {
		return s.fail(len(s.batches))
	}
	return nil
}

func (s *shelf) Items(_ context.Context, lines []Line) ([]Outcome, error) {
	if err := s.begin(lines); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(lines))
	for i, l := range lines {
		id := string(l.Draft.ID)
		_, known := s.items[id]
		switch {
		case l.Draft.Details.Title == "bad":
			out[i] = Outcome{Rejected, "bad_text", "title", "not this title"}
			continue
		case known:
			out[i].Status = Updated
		default:
			out[i].Status = Created
		}
		s.items[id] = l.Draft.Details.Title
	}
	return out, nil
}

func (s *shelf) Events(_ context.Context, lines []Line) ([]Outcome, error) {
	if err := s.begin(lines); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(lines))
	for i, l := range lines {
		out[i].Status = Accepted
		if s.events[string(l.Event.ID)] {
			out[i].Status = Duplicate
		}
		s.events[string(l.Event.ID)] = true
	}
	return out, nil
}

func write(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	if strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".zipped") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		require.NoError(t, z.Close())
		text = b.String()
	}
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func items(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, `{"id":"i%d","title":"t"}`+"\n", i)
	}
	return b.String()
}

func events(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"event_id":"e%d","type":"like","viewer":"v","item":"i1","at":"2026-01-01T00:00:00Z"}`+"\n", i)
	}
	return b.String()
}

func imported(t *testing.T, i *Import) (Summary, string, error) {
	var says bytes.Buffer
	i.Says = &says
	if i.Batch == 0 {
		i.Batch = 10
	}
	s, err := i.Run(t.Context())
	return s, says.String(), err
}

func TestItemsComeBeforeEventsWhateverTheFilesAre(t *testing.T) {
	target := newShelf()
	s, says, err := imported(t, &Import{
		Items:  []string{write(t, "a.jsonl", items(1, 25)), write(t, "b.jsonl.gz", items(26, 30)), write(t, "c.zipped", items(31, 32))},
		Events: []string{Stdin}, Stdin: strings.NewReader(events(3)), Target: target, Folder: t.TempDir(),
	})
	require.NoError(t, err)
	require.Empty(t, says)
	require.Zero(t, s.Refused())
	require.Equal(t, Counts{Lines: 32, Created: 32}, s.Items)
	require.Equal(t, Counts{Lines: 3, Accepted: 3}, s.Events)
	require.Equal(t, int64(35), s.Lines)
	require.Len(t, target.batches, 6, "10, 10, 5; 5; 2; 3")
	require.Len(t, target.items, 32)

	var out bytes.Buffer
	s.Took = 5 * time.Second
	s.Write(&out)
	require.Equal(t, `items:  32 lines, 32 created, 0 updated, 0 rejected, 0 bad lines
events: 3 lines, 3 accepted, 0 duplicate, 0 rejected, 0 bad lines
5.0 seconds, 7 lines a second
`, out.String())
}

func TestRefusedLinesAreToldWithTheirPlaceAndCounted(t *testing.T) {
	text := "{\"id\":\"a\"}\n\n{\"id\":\"b\",\"titel\":\"x\"}\nnonsense\n{\"id\":\"c\",\"title\":\"bad\"}\n{\"id\":1}\n" + strings.Repeat("x", MaxLine+1) + "\n{\"id\":\"d\"}"
	path := write(t, "a.jsonl", text)
	var all bytes.Buffer
	s, says, err := imported(t, &Import{Items: []string{path}, Target: newShelf(), Errors: &all})
	require.NoError(t, err)
	require.Equal(t, int64(5), s.Refused())
	require.Equal(t, Counts{Lines: 7, Created: 2, Rejected: 1, Bad: 4}, s.Items)
	want := []string{
		path + ":3: titel: unknown_field: there is no field \"titel\" here",
		path + ":4: bad_json: line 4, column 2: invalid character 'o' in literal null (expecting 'u')",
		path + ":5: title: bad_text: not this title",
		path + ":6: id: wrong_type: a string is wanted here, not a number",
		path + ":7: line_too_long: a line is at most 1048576 bytes long",
	}
	require.Equal(t, want, strings.Split(strings.TrimSpace(says), "\n"))
	require.Equal(t, says, all.String())
}

func TestTwentyRefusedLinesAreShownAndAllAreKept(t *testing.T) {
	var all bytes.Buffer
	s, says, err := imported(t, &Import{Items: []string{write(t, "a.jsonl", strings.Repeat("x\n", 50))}, Target: newShelf(), Errors: &all})
	require.NoError(t, err)
	require.Equal(t, int64(50), s.Items.Bad)
	require.Equal(t, 21, strings.Count(says, "\n"))
	require.Contains(t, says, "--errors FILE keeps them all")
	require.Equal(t, 50, strings.Count(all.String(), "\n"))
}

func TestAnInterruptedImportGoesOnAfterTheLastAcknowledgedLine(t *testing.T) {
	dir, itemsFile, eventsFile := t.TempDir(), write(t, "i.jsonl", "nonsense\n"+items(1, 24)), write(t, "e.jsonl.gz", events(35))
	target := newShelf()
	down := errors.New("gone for good")
	target.fail = func(batch int) error {
		if batch == 6 { // the third batch of events
			return down
		}
		return nil
	}
	again := func(restart bool) (Summary, string, error) {
		return imported(t, &Import{Items: []string{itemsFile}, Events: []string{eventsFile}, Target: target, Name: "here", Folder: dir, Restart: restart})
	}
	s, _, err := again(false)
	require.ErrorIs(t, err, down)
	require.Equal(t, Counts{Lines: 25, Created: 24, Bad: 1}, s.Items)
	require.Equal(t, Counts{Lines: 20, Accepted: 20}, s.Events)

	target.batches, target.fail = nil, nil
	s, says, err := again(false)
	require.NoError(t, err)
	require.Contains(t, says, itemsFile+": going on after line 25; --restart begins at the first\n")
	require.Contains(t, says, eventsFile+": going on after line 20;")
	require.Len(t, target.batches, 2)
	require.Equal(t, int64(21), target.batches[0][0])
	require.Equal(t, Counts{Lines: 25, Created: 24, Bad: 1}, s.Items, "what earlier runs did is counted")
	require.Equal(t, Counts{Lines: 35, Accepted: 35}, s.Events)
	require.Equal(t, int64(15), s.Lines)
	require.Len(t, target.events, 35)

	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "a complete import leaves nothing to go on from")
	s, _, err = again(false)
	require.NoError(t, err)
	require.Equal(t, Counts{Lines: 25, Updated: 24, Bad: 1}, s.Items)
	require.Equal(t, Counts{Lines: 35, Duplicate: 35}, s.Events)
}

func TestAnotherTargetAnotherContentAndRestartBeginAtTheFirstLine(t *testing.T) {
	dir, path := t.TempDir(), write(t, "i.jsonl", items(1, 30))
	broken := func(batch int) error {
		if batch == 2 {
			return errors.New("broken")
		}
		return nil
	}
	first := func(i *Import) int64 {
		target := newShelf()
		target.fail = broken
		i.Items, i.Folder, i.Target = []string{path}, dir, target
		_, _, err := imported(t, i)
		require.Error(t, err)
		return target.batches[0][0]
	}
	require.Equal(t, int64(1), first(&Import{Name: "here"}))
	require.Equal(t, int64(11), first(&Import{Name: "here"}))
	require.Equal(t, int64(1), first(&Import{Name: "there"}))
	require.Equal(t, int64(1), first(&Import{Name: "here", Restart: true}))
	require.NoError(t, os.WriteFile(path, []byte(items(2, 31)), 0o600))
	require.Equal(t, int64(1), first(&Import{Name: "here"}))
}

func TestStoppedInTheMiddleNothingUnacknowledgedIsMarked(t *testing.T) {
	dir, path := t.TempDir(), write(t, "i.jsonl", items(1, 100))
	target := newShelf()
	ctx, stop := context.WithCancel(t.Context())
	target.onBatch = func(batch int) {
		if batch == 3 {
			stop()
		}
	}
	i := &Import{Items: []string{path}, Target: target, Folder: dir, Batch: 10, Says: &bytes.Buffer{}}
	s, err := i.Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, int64(30), s.Items.Created)

	target.onBatch, target.batches = nil, nil
	s, err = i.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(31), target.batches[0][0])
	require.Equal(t, Counts{Lines: 100, Created: 100}, s.Items)
}

func TestABatchHoldsAnItemOnceAndTheLaterLineWins(t *testing.T) {
	target := newShelf()
	s, _, err := imported(t, &Import{Items: []string{write(t, "i.jsonl", `{"id":"a","title":"old"}
{"id":"b"}
{"id":"a","title":"new"}
{"id":"a","title":"newest"}
`)}, Target: target})
	require.NoError(t, err)
	require.Equal(t, [][]int64{{1, 2}, {3}, {4}}, target.batches)
	require.Equal(t, "newest", target.items["a"])
	require.Equal(t, Counts{Lines: 4, Created: 2, Updated: 2}, s.Items)
}

func TestATargetThatIsBusyIsTriedAgain(t *testing.T) {
	target := newShelf()
	target.fail = func(batch int) error {
		switch batch {
		case 1:
			return fault.New(fault.Unavailable, "down", "not now")
		case 2:
			return &Later{time.Millisecond, errors.New("busy")}
		}
		return nil
	}
	s, says, err := imported(t, &Import{Items: []string{write(t, "i.jsonl", items(1, 3))}, Target: target})
	require.NoError(t, err)
	require.Equal(t, int64(3), s.Items.Created)
	require.Contains(t, says, "trying again in 250ms: down: not now\n")
	require.Contains(t, says, "trying again in 1ms: busy\n")
}

func TestABusyTargetIsGivenUpInTheEnd(t *testing.T) {
	tries := 0
	busy := errors.New("busy")
	_, err := patiently(t.Context(), func() ([]Outcome, error) { tries++; return nil, &Later{time.Nanosecond, busy} }, func(time.Duration, error) {})
	require.ErrorIs(t, err, busy)
	require.Equal(t, attempts, tries)
	tries = 0
	_, err = patiently(t.Context(), func() ([]Outcome, error) { tries++; return nil, fault.New(fault.Invalid, "no", "never") }, nil)
	require.Error(t, err)
	require.Equal(t, 1, tries)
}

func TestWhatCannotBeReadIsSaidSo(t *testing.T) {
	whole, err := os.ReadFile(write(t, "i.jsonl.gz", items(1, 5000)))
	require.NoError(t, err)
	cut := filepath.Join(t.TempDir(), "cut.gz")
	require.NoError(t, os.WriteFile(cut, whole[:len(whole)/2], 0o600))
	target := newShelf()
	s, _, err := imported(t, &Import{Items: []string{cut}, Target: target, Batch: 100})
	require.ErrorContains(t, err, "cut.gz:")
	require.ErrorContains(t, err, "cannot be read further: unexpected EOF")
	require.Greater(t, s.Items.Created, int64(100), "what could be read is in")

	for name, text := range map[string]string{"missing": "", "plain.gz": "{}"} {
		path := filepath.Join(t.TempDir(), name)
		if text != "" {
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		}
		_, _, err := imported(t, &Import{Items: []string{path}, Target: newShelf()})
		require.ErrorContains(t, err, name)
	}
	_, _, err = imported(t, &Import{Items: []string{t.TempDir()}, Target: newShelf()})
	require.ErrorContains(t, err, "is a folder")
}

func TestABrokenCheckpointIsNotGuessedAt(t *testing.T) {
	dir, path := t.TempDir(), write(t, "i.jsonl", items(1, 5))
	s, err := open(path, nil)
	require.NoError(t, err)
	defer func() { _ = s.close() }()
	mark, err := (&checkpoints{dir, ""}).find("items", s, false)
	require.NoError(t, err)
	require.NoError(t, mark.save(time.Now()))
	require.NoError(t, os.WriteFile(mark.path, []byte("{"), 0o600))
	_, _, err = imported(t, &Import{Items: []string{path}, Target: newShelf(), Folder: dir})
	require.ErrorContains(t, err, "use --restart")
	_, _, err = imported(t, &Import{Items: []string{path}, Target: newShelf(), Folder: dir, Restart: true})
	require.NoError(t, err)
}

func TestLongForgottenCheckpointsAreSwept(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{"old.json": forgotten + time.Hour, "new.json": forgotten - time.Hour} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-age)))
	}
	(&checkpoints{folder: dir}).sweep(time.Now())
	require.NoFileExists(t, filepath.Join(dir, "old.json"))
	require.FileExists(t, filepath.Join(dir, "new.json"))
}

func TestWithoutATerminalProgressIsALineNowAndThen(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	p := progress{to: &out, now: func() time.Time { return now }}
	p.begin(&source{name: "f", size: 1000})
	p.at(10, 1)
	now = now.Add(6 * time.Second)
	p.at(250, 600)
	now = now.Add(time.Second)
	p.at(300, 700)
	p.end()
	require.Equal(t, "f: 600 lines, 100 a second, 25%, about 18s left\n", out.String())
}
