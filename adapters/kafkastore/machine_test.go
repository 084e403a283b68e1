package kafkastore

import (
	"fmt"
	"hash/maphash"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// tape is a topic: records by their numbers, some of which are missing.
type tape struct {
	numbers []int64
	values  [][]byte
}

func aTape(t *rapid.T) (out tape) {
	number := int64(0)
	for range rapid.IntRange(1, 120).Draw(t, "records") {
		number += int64(rapid.SampledFrom([]int{1, 1, 1, 1, 3}).Draw(t, "step"))
		var value []byte
		switch kind := rapid.IntRange(0, 19).Draw(t, "kind"); kind {
		case 0:
			value = encodeBarrier(rapid.IntRange(1, 40).Draw(t, "window"))
		case 1:
			value = []byte("not ours")
		default:
			events := make([]engagement.Event, rapid.IntRange(1, 6).Draw(t, "events"))
			for i := range events {
				events[i].ID = engagement.EventID(fmt.Sprint(rapid.IntRange(0, 60).Draw(t, "id")))
				events[i].At, events[i].Act = engagement.Oldest, audience.Like
			}
			value = encodeEvents(events, engagement.Oldest)
		}
		out.numbers, out.values = append(out.numbers, number), append(out.values, value)
	}
	return out
}

func TestWhoBeginsAnywhereWithWhatIsKeptComesToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		on := aTape(t)
		whole := newMachine(copying.Mark{Window: rapid.IntRange(1, 40).Draw(t, "window")})
		steps := make([]step, len(on.numbers))
		for i := range on.numbers {
			var err error
			steps[i], err = whole.take(on.numbers[i], nil, on.values[i])
			require.NoError(t, err)
		}
		begin := steps[rapid.IntRange(0, len(steps)-1).Draw(t, "copied up to")]
		later := newMachine(begin.after)
		for i, number := range on.numbers {
			if number < begin.keep {
				continue
			}
			s, err := later.take(number, nil, on.values[i])
			require.NoError(t, err)
			if number < begin.after.Record {
				require.Empty(t, s.events)
				continue
			}
			require.Equal(t, steps[i].events, s.events)
			require.Equal(t, steps[i].after, s.after)
			require.Equal(t, steps[i].fresh, s.fresh)
		}
	})
}

func TestAnIDIsRememberedForExactlyAsManyAsTheWindowHolds(t *testing.T) {
	var m memory
	m.forget(3)
	meets := func(id string, fresh bool) {
		t.Helper()
		require.Equal(t, fresh, m.meets(printOf(engagement.EventID(id))), id)
	}
	meets("a", true)
	meets("b", true)
	meets("c", true)
	meets("a", false) // the last moment, which counts as well
	meets("d", true)
	meets("e", true)
	meets("a", false)
	meets("b", true)
	meets("f", true)
	meets("g", true)
	meets("a", true)
	require.Len(t, m.times, 3)
	require.Len(t, m.ring, 3)
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	m := newMachine(copying.Mark{Window: 160})
	for n := range int64(5000) {
		s, err := m.take(n, nil, encodeEvents([]engagement.Event{{ID: engagement.EventID(fmt.Sprint(n)), At: engagement.Oldest, Act: audience.Like}}, engagement.Oldest))
		require.NoError(t, err)
		require.LessOrEqual(t, s.after.Record-s.keep, int64(160+10))
		require.LessOrEqual(t, len(m.posts), 18)
	}
	s, err := m.take(5000, nil, encodeBarrier(160))
	require.NoError(t, err)
	require.Equal(t, int64(5001), s.keep, "nothing before a barrier matters")
	require.Empty(t, m.times)
}

// BenchmarkMemory says how much an id takes once the window is full.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var m memory
		m.forget(DefaultWindow)
		for n := range 2 * DefaultWindow {
			m.meets(printOf(engagement.EventID(fmt.Sprint(n))))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/DefaultWindow, "B/id")
		runtime.KeepAlive(&m)
	}
}

func TestWhoseEventsAreNotCopiedIsToldAndBounded(t *testing.T) {
	b := behind{seed: maphash.MakeSeed()}
	b.begin()
	require.Zero(t, b.of("v"))
	b.add("v", 1)
	b.add("w", 2)
	b.add("v", 3)
	require.EqualValues(t, 3, b.of("v"))
	b.drop(2)
	require.Zero(t, b.of("w"))
	require.EqualValues(t, 3, b.of("v"))
	b.drop(3)
	require.Empty(t, b.last)
	for n := range int64(mostBehind + 10) {
		b.add(audience.ViewerID(fmt.Sprint(n)), 10+n)
	}
	require.Len(t, b.queue, mostBehind)
	require.Len(t, b.last, mostBehind)
	require.EqualValues(t, 19, b.of("anybody"), "one who was forgotten may be meant")
	require.EqualValues(t, 10+mostBehind, b.of(audience.ViewerID(fmt.Sprint(mostBehind))))
	b.drop(10 + mostBehind + 10)
	require.Empty(t, b.last)
}
