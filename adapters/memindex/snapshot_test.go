package memindex_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// mixed holds the items 0 to n-1, in an order of its own, which gives ordinals and terms of its own.
func mixed(n int, seed uint64) *memindex.Index {
	x := memindex.New()
	for _, i := range rand.New(rand.NewPCG(seed, seed)).Perm(n) {
		s := snapshot(i, n, noon)
		s.ID = catalog.ItemID("item-" + strconv.Itoa(i))
		x.Apply([]catalog.Snapshot{s})
	}
	return x
}

func saved(t require.TestingT, l *memindex.Learner) []byte {
	var b bytes.Buffer
	require.NoError(t, l.Save(&b))
	return b.Bytes()
}

// deeds are n events of a few viewers on a few items, of all acts, their clocks not quite in order.
func deeds(n, viewers, items int, seed uint64) []engagement.Logged {
	r := rand.New(rand.NewPCG(seed, 2))
	acts := audience.Acts()
	log := make([]engagement.Logged, n)
	for i := range log {
		act := audience.Like
		if r.IntN(3) == 0 {
			act = acts[r.IntN(len(acts))]
		}
		item := catalog.ItemID("item-" + strconv.Itoa(int(float64(items+2)*r.Float64()*r.Float64()))) // two of them unknown
		log[i] = engagement.Logged{Offset: engagement.Offset(i + 1), Event: engagement.Event{Act: act, Item: item,
			Viewer: audience.ViewerID("v" + strconv.Itoa(r.IntN(viewers))), At: noon.Add(time.Duration(i)*time.Minute - time.Duration(r.IntN(90))*time.Second),
			Watched: time.Duration(r.IntN(60)) * time.Second, Duration: time.Minute}}
	}
	return log
}

// lateness splits a log: what is learned at its turn, what after it, and the order of all that.
func lateness(log []engagement.Logged, late func(i int) bool) (turn, after, order []engagement.Logged) {
	for i, e := range log {
		if late(i) {
			after = append(after, e)
		} else {
			turn = append(turn, e)
		}
	}
	order = slices.Concat(turn, after)
	for i := range order {
		order[i].Offset = engagement.Offset(i + 1)
	}
	return turn, after, order
}

func TestWhatIsLearnedLateIsLearnedAsAnythingElseAndMovesNoOffset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := deeds(rapid.IntRange(2, 500).Draw(t, "events"), 8, 20, rapid.Uint64().Draw(t, "seed"))
		by := rapid.IntRange(2, 5).Draw(t, "one in")
		turn, after, order := lateness(log, func(i int) bool { return i%by == 0 })
		index := mixed(20, 1)
		one, two := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{}), memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
		one.Learn(turn)
		end := one.Model()
		require.EqualValues(t, turn[len(turn)-1].Offset, end)
		one.Late(after)
		require.Equal(t, end, one.Model())
		two.Learn(order)
		require.Equal(t, two.Stats(), one.Stats())
		a, b := saved(t, one), saved(t, two)
		require.Equal(t, withoutOffset(b), withoutOffset(a), "and whoever is restored knows the same")
	})
}

// withoutOffset is a snapshot but for the offset and the checksum.
func withoutOffset(snapshot []byte) []byte {
	return slices.Concat(snapshot[:16], snapshot[24:len(snapshot)-4])
}

func TestWhoeverRestoresKnowsWhatWhoeverNeverStoppedKnows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := memindex.Options{
			Viewers: rapid.IntRange(1, 8).Draw(t, "viewers"), Neighbours: rapid.IntRange(4, 12).Draw(t, "neighbours"),
			Tail: rapid.SampledFrom([]int{8, 16, 64}).Draw(t, "tail"), Links: rapid.IntRange(20, 400).Draw(t, "links"),
			Top: rapid.IntRange(1, 10).Draw(t, "top"), PerMinute: rapid.IntRange(1, 5).Draw(t, "perMinute"),
		}
		const items = 40
		log := deeds(rapid.IntRange(0, 600).Draw(t, "events"), 12, items, rapid.Uint64().Draw(t, "seed"))
		never := memindex.NewLearner(mixed(items, 1), engagement.DefaultWeights(), o)
		never.Learn(log)

		now := memindex.NewLearner(mixed(items, 2), engagement.DefaultWeights(), o)
		stops := rapid.SliceOfN(rapid.IntRange(0, len(log)), 1, 4).Draw(t, "stops")
		slices.Sort(stops)
		done := 0
		for n, stop := range stops {
			now.Learn(log[done:stop])
			done = stop
			next := memindex.NewLearner(mixed(items, uint64(3+n)), engagement.DefaultWeights(), o)
			next.Learn(log[:min(len(log), 7)]) // what it knew goes
			require.NoError(t, next.Restore(bytes.NewReader(saved(t, now))))
			require.Equal(t, now.Model(), next.Model())
			now = next
		}
		now.Learn(log[done:])
		require.Equal(t, saved(t, never), saved(t, now))
		want, got := never.Stats(), now.Stats()
		want.Bytes, got.Bytes = 0, 0 // depends on how names came about
		require.Equal(t, want, got)
	})
}

func TestALongLogLearnedAcrossRestarts(t *testing.T) {
	const events, items = 30_000, 600
	log := crowd(events, 1000, items)
	for i := range log { // two days
		log[i].At = noon.Add(time.Duration(i) * 6 * time.Second)
	}
	o := memindex.Options{Viewers: 200, Links: 20_000}
	never := memindex.NewLearner(plain(items), engagement.DefaultWeights(), o)
	never.Learn(log)
	now := memindex.NewLearner(plain(items), engagement.DefaultWeights(), o)
	r := rand.New(rand.NewPCG(5, 5))
	for done := 0; done < events; {
		next := min(events, done+r.IntN(events/3))
		now.Learn(log[done:next])
		done = next
		b := saved(t, now)
		now = memindex.NewLearner(plain(items), engagement.DefaultWeights(), o)
		require.NoError(t, now.Restore(bytes.NewReader(b)))
	}
	require.True(t, bytes.Equal(saved(t, never), saved(t, now)))
	s := now.Stats()
	require.Equal(t, o.Viewers, s.Viewers)
	require.Greater(t, s.Links, o.Links*9/10, "this bound was met, too")
	t.Logf("%d bytes", len(saved(t, now)))
}

func TestReadersAndLearningGoOnWhileItIsWritten(t *testing.T) {
	x, l := learnt(t)
	log := deeds(3000, 12, 40, 1)[300:]
	var all sync.WaitGroup
	all.Go(func() {
		for i := range log {
			l.Learn(log[i : i+1])
		}
	})
	all.Go(func() {
		at := make([]recommend.Ordinal, 40)
		for n := range at {
			at[n] = recommend.Ordinal(n)
		}
		for range 500 {
			_, _ = l.After(at, 5, nil), l.Stats()
		}
	})
	for range 20 {
		before := l.Model()
		next := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
		require.NoError(t, next.Restore(bytes.NewReader(saved(t, l))))
		require.GreaterOrEqual(t, next.Model(), before)
		replayed := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
		replayed.Learn(deeds(3000, 12, 40, 1)[:next.Model()])
		require.Equal(t, saved(t, replayed), saved(t, next), "a moment between two events")
	}
	all.Wait()
}

func TestAForgottenViewerLeavesNothingOfTheirOwn(t *testing.T) {
	x := mixed(40, 1)
	log := deeds(300, 12, 40, 1)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	l.Learn(log)
	for n := range 12 {
		require.True(t, l.Forget(audience.ViewerID("v"+strconv.Itoa((n*5)%12))))
		require.False(t, l.Forget(audience.ViewerID("v"+strconv.Itoa((n*5)%12))))
		require.Equal(t, 11-n, l.Stats().Viewers)
		next := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
		require.NoError(t, next.Restore(bytes.NewReader(saved(t, l))))
		require.Equal(t, saved(t, l), saved(t, next))
	}
	more := deeds(600, 300, 40, 2)[300:] // places of the forgotten are used again
	l.Learn(more)
	require.Positive(t, l.Stats().Viewers)
}

func learnt(t require.TestingT) (*memindex.Index, *memindex.Learner) {
	x := mixed(40, 1)
	l := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	l.Learn(deeds(300, 12, 40, 1))
	return x, l
}

func TestADamagedSnapshotChangesNothing(t *testing.T) {
	x, l := learnt(t)
	whole := saved(t, l)
	other := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	other.Learn(deeds(50, 3, 40, 2))
	before := saved(t, other)
	refused := func(b []byte, want error) {
		t.Helper()
		require.ErrorIs(t, other.Restore(bytes.NewReader(b)), want)
	}
	for n := 0; n < len(whole); n += 1 + n/7 {
		refused(whole[:n], memindex.ErrDamaged)
	}
	for at := 0; at < len(whole); at += 1 + at%23 {
		b := slices.Clone(whole)
		b[at] ^= 0x10
		err := other.Restore(bytes.NewReader(b))
		require.True(t, errors.Is(err, memindex.ErrDamaged) || errors.Is(err, memindex.ErrForeign), "a byte changed at %d: %v", at, err)
	}
	require.Equal(t, before, saved(t, other))
	require.NoError(t, other.Restore(bytes.NewReader(append(slices.Clone(whole), "and more"...))))
	require.Equal(t, whole, saved(t, other))
}

func TestASnapshotOfAnotherFormatIsRefused(t *testing.T) {
	x, l := learnt(t)
	whole := saved(t, l)
	for _, version := range []uint32{0, 1, 3} { // 1 had no outcomes
		b := binary.LittleEndian.AppendUint32(slices.Clone(whole[:4]), version)
		b = append(b, whole[8:len(whole)-4]...)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		other := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
		require.ErrorIs(t, other.Restore(bytes.NewReader(b)), memindex.ErrDamaged)
		require.Zero(t, other.Model())
	}
}

func TestAForeignSnapshotIsRefused(t *testing.T) {
	x, l := learnt(t)
	whole := saved(t, l)
	weights := engagement.DefaultWeights()
	weights[audience.Like]++
	for name, other := range map[string]*memindex.Learner{
		"other weights": memindex.NewLearner(x, weights, memindex.Options{}),
		"other bounds":  memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{Top: 299}),
		"fewer items":   memindex.NewLearner(mixed(20, 1), engagement.DefaultWeights(), memindex.Options{}),
		"a catalogue of others": memindex.NewLearner(func() *memindex.Index {
			x := memindex.New()
			for i := range 100 {
				x.Apply([]catalog.Snapshot{snapshot(i, 100, noon)})
			}
			return x
		}(), engagement.DefaultWeights(), memindex.Options{}),
	} {
		t.Run(name, func(t *testing.T) {
			before := saved(t, other)
			require.ErrorIs(t, other.Restore(bytes.NewReader(whole)), memindex.ErrForeign)
			require.Equal(t, before, saved(t, other))
		})
	}
}

// broken takes only so much.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("no room")
	}
	return len(p), nil
}

func TestASnapshotThatCannotBeWrittenIsTold(t *testing.T) {
	_, l := learnt(t)
	size := len(saved(t, l))
	require.Error(t, l.Save(&broken{size - 1}))
	require.NoError(t, l.Save(&broken{size}))
}

// FuzzRestore gives the decoder bodies whose checksum is right, so that only its own checks stand between them and the learner.
func FuzzRestore(f *testing.F) {
	x, l := learnt(f)
	whole := saved(f, l)
	f.Add(whole[24:len(whole)-4], uint16(0))
	small := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
	f.Add(saved(f, small)[24:], uint16(3))
	f.Fuzz(func(t *testing.T, body []byte, cut uint16) {
		b := append(slices.Clone(whole[:24]), body[:max(0, len(body)-int(cut))]...)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		other := memindex.NewLearner(x, engagement.DefaultWeights(), memindex.Options{})
		if other.Restore(bytes.NewReader(b)) != nil {
			return
		}
		events := deeds(200, 12, 40, 3) // it works on with what it took
		for i := range events {
			events[i].Offset = engagement.Offset(uint64(i) + other.Model() + 1)
		}
		other.Learn(events)
		_, _ = other.After(nil, 5, nil), other.Stats()
		_ = saved(t, other)
	})
}
