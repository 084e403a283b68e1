package notifying_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/engagement"
)

const (
	ms     = time.Millisecond
	window = 300 * ms
)

var (
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ann  = notifying.Subject{Kind: notifying.Viewer, ID: "ann"}
	ben  = notifying.Subject{Kind: notifying.Author, ID: "ben"}
	rule = notifying.Rule{Window: window, Current: 200 * ms, Most: 3}
)

// upTo asks which events, by offset, a task due at that time covers last; 0: none is due.
func upTo(w *notifying.Windows, after time.Duration) engagement.Offset {
	due := w.Due(noon.Add(after), 10)
	if len(due) == 0 {
		return 0
	}
	return due[0].UpTo
}

func TestWhenASubjectsFirstEventBecomesATask(t *testing.T) {
	for _, c := range []struct {
		name  string
		drift time.Duration
		at    time.Duration
		due   bool
	}{
		{"at once when it is new", 0, 0, true},
		{"at once when it is from a clock ahead of ours", -time.Hour, 0, true},
		{"at once while the drift is below 200 ms", 200*ms - 1, 0, true},
		{"not at once from 200 ms on", 200 * ms, 0, false},
		{"not a tick before the window ends", 200 * ms, window - 1, false},
		{"when the window ends", 200 * ms, window, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := notifying.NewWindows(rule)
			require.True(t, w.Add(ann, 1, noon.Add(-c.drift), noon))
			require.Equal(t, c.due, upTo(w, c.at) == 1)
		})
	}
}

func TestWhatComesInAWindowIsOneTaskAtItsEnd(t *testing.T) {
	w := notifying.NewWindows(rule)
	old := noon.Add(-time.Second)
	for i := range 50 {
		require.True(t, w.Add(ann, engagement.Offset(i+1), old.Add(time.Duration(i)*ms), noon.Add(time.Duration(i)*ms)))
	}
	require.Equal(t, []notifying.Task{{Subject: ann, Events: 50, UpTo: 50, Since: old, At: old.Add(49 * ms)}}, w.Due(noon.Add(window), 10))
}

func TestATaskHoldsBackTheNextForAWindow(t *testing.T) {
	w := notifying.NewWindows(rule)
	w.Add(ann, 1, noon, noon)
	first := w.Due(noon, 10)[0]
	require.Equal(t, engagement.Offset(1), upTo(w, 0), "it is due until it has begun")
	w.Begun(first, noon.Add(10*ms))
	require.Zero(t, upTo(w, 10*ms))
	w.Add(ann, 2, noon.Add(20*ms), noon.Add(20*ms))
	require.Zero(t, upTo(w, 310*ms-1))
	require.Equal(t, engagement.Offset(2), upTo(w, 310*ms))
	w.Begun(w.Due(noon.Add(310*ms), 1)[0], noon.Add(310*ms))
	require.Zero(t, upTo(w, 610*ms), "with nothing in it the window ends")
	require.Zero(t, w.Open())
	w.Add(ann, 3, noon.Add(610*ms), noon.Add(610*ms))
	require.Equal(t, engagement.Offset(3), upTo(w, 610*ms))
}

func TestATaskThatCouldNotBeginTellsOfWhatCameSinceToo(t *testing.T) {
	w := notifying.NewWindows(rule)
	w.Add(ann, 1, noon, noon)
	w.Later(w.Due(noon, 1)[0], noon.Add(time.Second))
	w.Add(ann, 2, noon.Add(500*ms), noon.Add(500*ms))
	require.Zero(t, upTo(w, time.Second-1))
	due := w.Due(noon.Add(time.Second), 1)
	require.Equal(t, []notifying.Task{{Subject: ann, Events: 2, UpTo: 2, Since: noon, At: noon.Add(500 * ms)}}, due)
	w.Add(ann, 3, noon.Add(time.Second), noon.Add(time.Second))
	w.Begun(due[0], noon.Add(time.Second))
	low, any := w.Low()
	require.True(t, any, "what came while it was begun is not in it")
	require.Equal(t, engagement.Offset(3), low)
	left := w.Due(noon.Add(2*time.Second), 1)
	require.Equal(t, int64(1), left[0].Events)
	require.Equal(t, engagement.Offset(3), left[0].UpTo)
}

func TestOnlySoManySubjectsHaveAWindow(t *testing.T) {
	w := notifying.NewWindows(rule)
	for i, id := range []string{"a", "b", "c"} {
		require.True(t, w.Add(notifying.Subject{Kind: notifying.Viewer, ID: id}, engagement.Offset(i+1), noon, noon))
	}
	require.Zero(t, w.Room())
	require.False(t, w.Add(ben, 4, noon, noon))
	require.True(t, w.Add(notifying.Subject{Kind: notifying.Viewer, ID: "b"}, 4, noon, noon), "one that has one may have more in it")
	for _, task := range w.Due(noon, 10) {
		w.Begun(task, noon)
	}
	require.False(t, w.Add(ben, 5, noon, noon), "held windows count")
	require.Empty(t, w.Due(noon.Add(window), 10))
	require.True(t, w.Add(ben, 5, noon.Add(window), noon.Add(window)))
}

func TestTheOldestComeFirst(t *testing.T) {
	w := notifying.NewWindows(notifying.Rule{Window: window, Most: 100})
	for i := range 20 {
		w.Add(notifying.Subject{Kind: notifying.Author, ID: fmt.Sprint(i)}, engagement.Offset(20-i), noon, noon)
	}
	due := w.Due(noon.Add(window), 3)
	require.Equal(t, []engagement.Offset{1, 2, 3}, []engagement.Offset{due[0].UpTo, due[1].UpTo, due[2].UpTo})
	low, any := w.Low()
	require.True(t, any)
	require.Equal(t, engagement.Offset(1), low)
}

func TestAForgottenSubjectLeavesNothing(t *testing.T) {
	w := notifying.NewWindows(rule)
	w.Add(ann, 1, noon, noon)
	due := w.Due(noon, 1)
	w.Forget(ann)
	w.Begun(due[0], noon)
	w.Later(due[0], noon)
	_, any := w.Low()
	require.False(t, any)
	require.Zero(t, w.Open())
}

// Whatever comes whenever, and however often a task cannot begin: no subject has two tasks within a window, every event is in
// exactly one task, which begins after it and, if nothing is in the way, no later than the drift allows; and nothing grows.
func TestNoSubjectHasTwoTasksInAWindowAndNoEventIsLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := notifying.NewWindows(rule)
		now, offset := noon, engagement.Offset(0)
		began := map[notifying.Subject]time.Time{}
		waiting := map[notifying.Subject][]engagement.Offset{}
		added := map[engagement.Offset]time.Time{}
		run := func(mayFail bool) {
			for _, task := range w.Due(now, rapid.IntRange(1, 5).Draw(t, "limit")) {
				if mayFail && rapid.Bool().Draw(t, "cannot begin") {
					w.Later(task, now.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "later"))*ms))
					continue
				}
				if last, again := began[task.Subject]; again && now.Sub(last) < window {
					t.Fatalf("two tasks of %v within %v", task.Subject, now.Sub(last))
				}
				mine := waiting[task.Subject]
				require.EqualValues(t, len(mine), task.Events)
				require.Equal(t, mine[len(mine)-1], task.UpTo)
				for _, at := range mine {
					require.False(t, now.Before(added[at]))
				}
				delete(waiting, task.Subject)
				began[task.Subject] = now
				w.Begun(task, now)
			}
		}
		subjects := []notifying.Subject{ann, ben, {Kind: notifying.Viewer, ID: "ben"}, {Kind: notifying.Author, ID: "d"}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "ms")) * ms)
			if rapid.Bool().Draw(t, "an event") {
				s := rapid.SampledFrom(subjects).Draw(t, "of")
				received := now.Add(-time.Duration(rapid.SampledFrom([]int{0, 199, 200, 5000}).Draw(t, "drift")) * ms)
				if w.Add(s, offset+1, received, now) {
					offset++
					added[offset] = now
					waiting[s] = append(waiting[s], offset)
				} else {
					require.Zero(t, w.Room())
				}
			} else {
				run(true)
			}
			require.LessOrEqual(t, w.Open(), rule.Most)
			var oldest []engagement.Offset
			for _, offsets := range waiting {
				oldest = append(oldest, offsets[0])
			}
			low, any := w.Low()
			require.Equal(t, len(oldest) > 0, any)
			if any {
				require.Equal(t, slices.Min(oldest), low)
			}
		}
		for range 10 {
			now = now.Add(time.Second)
			run(false)
		}
		require.Empty(t, waiting)
		now = now.Add(time.Second)
		run(false)
		require.Zero(t, w.Open())
	})
}
